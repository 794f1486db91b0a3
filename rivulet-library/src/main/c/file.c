/*
** The io methods of a replica's file. Version 1: no shared memory, hence no WAL, and no mmap.
** A replica is read-only: a RESERVED lock, which every write begins with, is refused.
*/
#include "shim.h"

#include <string.h>
#include <time.h>

static int file_close(sqlite3_file *file) {
  java_close((ReplicaFile *)file);
  file->pMethods = NULL;
  return SQLITE_OK;
}

/* A page that a local file has, but the first, whose header depends on who presents it. */
static int is_read_here(const ReplicaFile *f, void *to, int length, sqlite3_int64 offset) {
  return f->local != NULL && f->lock >= SQLITE_LOCK_SHARED && offset >= f->local->page_size &&
         offset + length <= f->bytes &&
         local_pages_read(f->local, f->txid, f->lineage, offset, to, length) == LOCAL_YES;
}

static int file_read(sqlite3_file *file, void *to, int length, sqlite3_int64 offset) {
  ReplicaFile *f = (ReplicaFile *)file;
  if (is_read_here(f, to, length, offset)) return SQLITE_OK;
  int is_change = offset == CHANGE_OFFSET && length == CHANGE_LENGTH && f->lock >= SQLITE_LOCK_SHARED;
  if (is_change && f->has_change) {
    memcpy(to, f->change, CHANGE_LENGTH);
    return SQLITE_OK;
  }
  int rc = java_read(f, to, length, offset);
  if (is_change && rc == SQLITE_OK) {
    memcpy(f->change, to, CHANGE_LENGTH);
    f->has_change = 1;
  }
  return rc;
}

static int file_write(sqlite3_file *file, const void *from, int length, sqlite3_int64 offset) {
  (void)from; (void)length; (void)offset;
  return java_refuse_write((ReplicaFile *)file);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  (void)size;
  return java_refuse_write((ReplicaFile *)file);
}

static int file_sync(sqlite3_file *file, int flags) {
  (void)file; (void)flags;
  return SQLITE_OK; /* nothing was written */
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  ReplicaFile *f = (ReplicaFile *)file;
  if (f->lock >= SQLITE_LOCK_SHARED && f->bytes > 0) {
    *size = f->bytes;
    return SQLITE_OK;
  }
  return java_size(f, size);
}

/* System.nanoTime() of the JVM has the same clock. */
static int64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

/* Whether the transaction that begins now reads what the one before has read, so that Java need not say so. */
static int reads_the_same(const ReplicaFile *f) {
  return f->publication != NULL && f->publication->number == f->seen && now() < f->until && !java_is_forked();
}

static int file_lock(sqlite3_file *file, int lock) {
  ReplicaFile *f = (ReplicaFile *)file;
  if (lock <= f->lock) return SQLITE_OK;
  if (lock > SQLITE_LOCK_SHARED) return java_refuse_write(f);
  int rc = reads_the_same(f) ? SQLITE_OK : java_begin(f);
  if (rc == SQLITE_OK) f->lock = SQLITE_LOCK_SHARED;
  return rc;
}

static int file_unlock(sqlite3_file *file, int lock) {
  ReplicaFile *f = (ReplicaFile *)file;
  if (lock < f->lock && lock == SQLITE_LOCK_NONE) {
    f->lock = SQLITE_LOCK_NONE;
    if (f->begun) java_end(f);
  }
  return SQLITE_OK;
}

static int file_check_reserved_lock(sqlite3_file *file, int *held) {
  (void)file;
  *held = 0;
  return SQLITE_OK;
}

/*
** A pragma of ours: argument[1] is its name, argument[2] its value or NULL; argument[0] takes the
** result or, with an error code, the message. It must not be NULL: SQLite makes it a column name.
** SQLite runs it while it prepares the statement. A statement that a host keeps is prepared again at
** each later execution, as are those of all pragmas; so it is not done once and then repeated by heart.
*/
static int file_pragma(ReplicaFile *f, char **argument) {
  SQLITE_OF(f->registration);
  if (sqlite3_strnicmp(argument[1], "litestream_", 11) != 0) return SQLITE_NOTFOUND;
  return java_property(f, argument[1], argument[2], &argument[0]);
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  ReplicaFile *f = (ReplicaFile *)file;
  SQLITE_OF(f->registration);
  switch (operation) {
    case SQLITE_FCNTL_PRAGMA:
      return file_pragma(f, argument);
    case SQLITE_FCNTL_VFSNAME:
      *(char **)argument = sqlite3_mprintf("%s", VFS_NAME);
      return SQLITE_OK;
    case SQLITE_FCNTL_PDB:
      f->db = argument;
      return SQLITE_OK;
    case SQLITE_FCNTL_HAS_MOVED:
      *(int *)argument = 0;
      return SQLITE_OK;
    default:
      return SQLITE_NOTFOUND;
  }
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return 4096; /* only journals are laid out by it, and there are none */
}

static int file_device_characteristics(sqlite3_file *file) {
  (void)file;
  return SQLITE_IOCAP_UNDELETABLE_WHEN_OPEN | SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

const sqlite3_io_methods REPLICA_METHODS = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_check_reserved_lock,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_device_characteristics,
};
