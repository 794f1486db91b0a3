/*
** Entry points, registration with SQLite, and the VFS methods.
**
** Which names are replicas? Those that say so: by vfs=litestream or replica_url= among the URI
** parameters, or by being a URL. Any other name is a local file and goes to the default VFS, for
** SQLite also brings names that the user never meant for us: VACUUM INTO 'local.db' and
** ATTACH 'local.db' use the VFS of the main database.
*/
#include "shim.h"

#include <ctype.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT __attribute__((visibility("default")))

/* Another copy of this library in the process recognises us by this symbol. */
EXPORT const char rivulet_shim[] = "rivulet";

/* bucket (63) + key (1024) + scheme and room for a long host name */
#define REPLICA_PATH_MAX 2048

static pthread_mutex_t registrations_mutex = PTHREAD_MUTEX_INITIALIZER;
static Registration registrations[MAX_REGISTRATIONS];
static int registration_count;

const Registration *registration_at(int index) { return &registrations[index]; }

static int is_url(const char *name) {
  const char *p = name;
  if (!isalpha((unsigned char)*p)) return 0;
  while (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.') p++;
  return strncmp(p, "://", 3) == 0;
}

/* name: as SQLite gives it to xOpen or xFullPathname, its URI parameters behind it. */
static int is_replica(const Registration *r, const char *name) {
  SQLITE_OF(r);
  if (name == NULL) return 0;
  if (is_url(name)) return 1;
  const char *vfs = sqlite3_uri_parameter(name, "vfs");
  if (vfs != NULL && strcmp(vfs, VFS_NAME) == 0) return 1;
  return sqlite3_uri_parameter(name, "replica_url") != NULL;
}

static int ends_with(const char *name, const char *suffix) {
  size_t n = strlen(name), m = strlen(suffix);
  return n >= m && memcmp(name + n - m, suffix, m) == 0;
}

/*
** Whether this is the journal or WAL of a replica. SQLite keeps these names in one block with the
** database's own (sqlite3_filename_database), so a local journal beside a replica of the same name
** is told apart.
*/
static int is_replica_journal(const Registration *r, const char *name) {
  SQLITE_OF(r);
  if (is_url(name)) return 1;
  if (!ends_with(name, "-journal") && !ends_with(name, "-wal")) return 0;
  return is_replica(r, sqlite3_filename_database(name));
}

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
  Registration *r = vfs->pAppData;
  file->pMethods = NULL; /* while it is, SQLite does not close a file that failed to open */
  if ((flags & SQLITE_OPEN_MAIN_DB) && is_replica(r, name)) {
    ReplicaFile *replica = (ReplicaFile *)file;
    memset(replica, 0, sizeof *replica);
    replica->registration = r;
    int rc = java_open(replica, name);
    if (rc != SQLITE_OK) return rc;
    if (out != NULL) *out = flags;
    file->pMethods = &REPLICA_METHODS;
    return SQLITE_OK;
  }
  /*
  ** A journal that names a super-journal by a name that is not a real, absolute path could be
  ** taken for finished after a crash, and a local database with it.
  */
  if ((flags & SQLITE_OPEN_SUPER_JOURNAL) && name != NULL && name[0] != '/') {
    report(r, SQLITE_CANTOPEN,
           "one transaction cannot change several local databases while a replica is the main "
           "database: open a local database as main, and ATTACH the replica");
    return SQLITE_CANTOPEN;
  }
  if ((flags & (SQLITE_OPEN_MAIN_JOURNAL | SQLITE_OPEN_WAL)) && name != NULL && is_replica_journal(r, name)) {
    return SQLITE_CANTOPEN;
  }
  /* The base VFS fills the file itself: nothing of ours is in its way from here on. */
  return r->base->xOpen(r->base, name, file, flags, out);
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync) {
  Registration *r = vfs->pAppData;
  if (is_replica_journal(r, name)) return SQLITE_IOERR_DELETE_NOENT;
  return r->base->xDelete(r->base, name, sync);
}

static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *exists) {
  Registration *r = vfs->pAppData;
  if (is_replica_journal(r, name)) {
    *exists = 0; /* a replica has neither journal nor WAL, whatever lies on the local disk */
    return SQLITE_OK;
  }
  return r->base->xAccess(r->base, name, flags, exists);
}

static int vfs_full_pathname(sqlite3_vfs *vfs, const char *name, int capacity, char *out) {
  Registration *r = vfs->pAppData;
  if (is_replica(r, name)) {
    size_t length = strlen(name);
    if (length >= (size_t)capacity) {
      report(r, SQLITE_CANTOPEN, "the name of the replica is too long (2048 bytes at most)");
      return SQLITE_CANTOPEN;
    }
    memcpy(out, name, length + 1);
    return SQLITE_OK;
  }
  int longest = r->base->mxPathname + 1;
  return r->base->xFullPathname(r->base, name, capacity < longest ? capacity : longest, out);
}

/* The rest is the base VFS's. */
#define BASE(vfs) ((Registration *)(vfs)->pAppData)->base
static void *vfs_dlopen(sqlite3_vfs *vfs, const char *name) { return BASE(vfs)->xDlOpen(BASE(vfs), name); }
static void vfs_dlerror(sqlite3_vfs *vfs, int n, char *out) { BASE(vfs)->xDlError(BASE(vfs), n, out); }
static void (*vfs_dlsym(sqlite3_vfs *vfs, void *library, const char *name))(void) {
  return BASE(vfs)->xDlSym(BASE(vfs), library, name);
}
static void vfs_dlclose(sqlite3_vfs *vfs, void *library) { BASE(vfs)->xDlClose(BASE(vfs), library); }
static int vfs_randomness(sqlite3_vfs *vfs, int n, char *out) { return BASE(vfs)->xRandomness(BASE(vfs), n, out); }
static int vfs_sleep(sqlite3_vfs *vfs, int us) { return BASE(vfs)->xSleep(BASE(vfs), us); }
static int vfs_time(sqlite3_vfs *vfs, double *t) { return BASE(vfs)->xCurrentTime(BASE(vfs), t); }
static int vfs_error(sqlite3_vfs *vfs, int n, char *out) { return BASE(vfs)->xGetLastError(BASE(vfs), n, out); }
static int vfs_time64(sqlite3_vfs *vfs, sqlite3_int64 *t) {
  return BASE(vfs)->xCurrentTimeInt64(BASE(vfs), t);
}

static Registration *find(const sqlite3_api_routines *api) {
  for (int i = 0; i < registration_count; i++) {
    if (registrations[i].api == api) return &registrations[i];
  }
  return NULL;
}

static Registration *create(const sqlite3_api_routines *sqlite3_api) {
  sqlite3_vfs *base = sqlite3_vfs_find(NULL);
  if (base == NULL || registration_count == MAX_REGISTRATIONS) return NULL;
  Registration *r = &registrations[registration_count];
  r->index = registration_count;
  r->api = sqlite3_api;
  r->base = base;
  if (sqlite3_libversion_number() >= 3041000) {
#if SQLITE_VERSION_NUMBER >= 3041000
    r->is_interrupted = sqlite3_api->is_interrupted;
#else
    /* The table only ever grows: is_interrupted (3.41) follows value_encoding, the last of 3.40. */
    memcpy(&r->is_interrupted,
           (const char *)sqlite3_api + offsetof(sqlite3_api_routines, value_encoding) +
               sizeof sqlite3_api->value_encoding,
           sizeof r->is_interrupted);
#endif
  }
  int size = (int)sizeof(ReplicaFile);
  r->vfs = (sqlite3_vfs){
      .iVersion = base->iVersion >= 2 && base->xCurrentTimeInt64 != NULL ? 2 : 1,
      .szOsFile = size > base->szOsFile ? size : base->szOsFile,
      .mxPathname = base->mxPathname > REPLICA_PATH_MAX ? base->mxPathname : REPLICA_PATH_MAX,
      .zName = VFS_NAME,
      .pAppData = r,
      .xOpen = vfs_open,
      .xDelete = vfs_delete,
      .xAccess = vfs_access,
      .xFullPathname = vfs_full_pathname,
      .xDlOpen = vfs_dlopen,
      .xDlError = vfs_dlerror,
      .xDlSym = vfs_dlsym,
      .xDlClose = vfs_dlclose,
      .xRandomness = vfs_randomness,
      .xSleep = vfs_sleep,
      .xCurrentTime = vfs_time,
      .xGetLastError = vfs_error,
      .xCurrentTimeInt64 = vfs_time64,
  };
  registration_count++;
  return r;
}

/* Whether a VFS of our name belongs to another copy of this library (and not to a stranger). */
static int is_rivulet(const sqlite3_vfs *vfs) {
  void *code;
  memcpy(&code, &vfs->xOpen, sizeof code);
  Dl_info info;
  if (!dladdr(code, &info)) return 0;
  void *library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
  if (library == NULL) return 0;
  int ours = dlsym(library, "rivulet_shim") != NULL;
  dlclose(library);
  return ours;
}

/* Runs at each open of a connection, of whatever kind, and must not spoil it. */
static int on_connection(sqlite3 *db, char **message, const sqlite3_api_routines *sqlite3_api) {
  pthread_mutex_lock(&registrations_mutex);
  Registration *r = find(sqlite3_api);
  pthread_mutex_unlock(&registrations_mutex);
  if (r == NULL) return SQLITE_OK;
  functions_register(db, r);
  history_register(db, r);
  /*
  ** One kind is refused. A name that does not say it is a replica's, opened with "litestream" as
  ** the API's VFS argument, is now an ordinary local file, which cannot be what was wanted.
  */
  sqlite3_vfs *vfs = NULL;
  const char *name = sqlite3_db_filename(db, "main");
  if (name != NULL && *name != 0 && sqlite3_vfs_find(NULL) != &r->vfs &&
      sqlite3_file_control(db, "main", SQLITE_FCNTL_VFS_POINTER, &vfs) == SQLITE_OK &&
      vfs == &r->vfs && !is_replica(r, name)) {
    *message = sqlite3_mprintf(
        "to open a replica, say so in the name: file:NAME?vfs=litestream (with SQLITE_OPEN_URI), "
        "and not only by the VFS argument");
    return SQLITE_CANTOPEN;
  }
  return SQLITE_OK;
}

static int load(char **message, const sqlite3_api_routines *sqlite3_api) {
  if (sqlite3_libversion_number() < 3031000) {
    *message = sqlite3_mprintf("Rivulet needs SQLite 3.31 or later, and this is %s", sqlite3_libversion());
    return SQLITE_ERROR;
  }
  jvm_note_folder();
  Registration *r = find(sqlite3_api);
  sqlite3_vfs *present = sqlite3_vfs_find(VFS_NAME);
  if (present != NULL && (r == NULL || present != &r->vfs)) {
    if (is_rivulet(present)) return SQLITE_OK_LOAD_PERMANENTLY; /* another copy got here first */
    *message = sqlite3_mprintf("another extension has registered a VFS named " VFS_NAME
                               " in this process; load only one of them");
    return SQLITE_ERROR;
  }
  if (r == NULL) r = create(sqlite3_api);
  if (r == NULL) {
    *message = sqlite3_mprintf("Rivulet is loaded by %d copies of SQLite in this process already, or this one "
                               "has no VFS", registration_count);
    return SQLITE_ERROR;
  }
  /* Both are harmless when repeated, and needed again after sqlite3_shutdown(). */
  int rc = sqlite3_vfs_register(&r->vfs, 0);
  if (rc == SQLITE_OK) rc = sqlite3_auto_extension((void (*)(void))on_connection);
  return rc == SQLITE_OK ? SQLITE_OK_LOAD_PERMANENTLY : rc;
}

/*
** SQLite derives the entry point from the file's name: litestream.so and litestream-vfs.so. The
** third is its fallback, for a file with any other name.
*/
EXPORT int sqlite3_litestream_init(sqlite3 *db, char **message, const sqlite3_api_routines *api) {
  pthread_mutex_lock(&registrations_mutex);
  int rc = load(message, api);
  Registration *r = find(api);
  pthread_mutex_unlock(&registrations_mutex);
  /* The auto-extension serves later connections; this one is open already. */
  if (rc == SQLITE_OK_LOAD_PERMANENTLY && r != NULL) {
    functions_register(db, r);
    history_register(db, r);
  }
  return rc;
}

EXPORT int sqlite3_litestreamvfs_init(sqlite3 *db, char **message, const sqlite3_api_routines *api) {
  return sqlite3_litestream_init(db, message, api);
}

EXPORT int sqlite3_extension_init(sqlite3 *db, char **message, const sqlite3_api_routines *api) {
  return sqlite3_litestream_init(db, message, api);
}
