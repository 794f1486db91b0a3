/*
** Pages of a local file, read straight into SQLite's buffer: what Java's channels do only with a lock
** that all readers share, and close when a thread is interrupted. The Java side is
** dev.rivulet.natives.NativeFile and LocalPages; it has checked every range before it calls.
** A failure of a file is -errno.
*/
#include "localpages.h"

#include <errno.h>
#include <fcntl.h>
#include <jni.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define METHOD(type, name) JNIEXPORT type JNICALL Java_dev_rivulet_natives_NativeFile_##name

enum { MOST_AT_ONCE = 64 * 1024 };

METHOD(jint, open0)(JNIEnv *env, jclass c, jbyteArray path, jboolean exclusive) {
  (void)c;
  char *name = (char *)(*env)->GetByteArrayElements(env, path, NULL);
  if (name == NULL) return -ENOMEM;
  int fd;
  do {
    fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC | (exclusive ? O_EXCL | O_NOFOLLOW : 0), 0600);
  } while (fd < 0 && errno == EINTR);
  int failure = errno;
  (*env)->ReleaseByteArrayElements(env, path, (jbyte *)name, JNI_ABORT);
  return fd < 0 ? -failure : fd;
}

METHOD(jint, lock0)(JNIEnv *env, jclass c, jint fd) {
  (void)env; (void)c;
  return flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
}

METHOD(jint, read0)(JNIEnv *env, jclass c, jint fd, jlong to, jint length, jlong at) {
  (void)env; (void)c;
  jint done = 0;
  while (done < length) {
    ssize_t n = pread(fd, (char *)(intptr_t)to + done, (size_t)(length - done), (off_t)(at + done));
    if (n == 0) break;
    if (n > 0) done += (jint)n;
    else if (errno != EINTR) return -errno;
  }
  return done;
}

METHOD(jint, write0)(JNIEnv *env, jclass c, jint fd, jbyteArray from, jint offset, jint length, jlong at) {
  (void)c;
  char piece[MOST_AT_ONCE]; /* a copy, so that no garbage collection waits for a disk */
  jint done = 0;
  while (done < length) {
    jint count = length - done < MOST_AT_ONCE ? length - done : MOST_AT_ONCE;
    (*env)->GetByteArrayRegion(env, from, offset + done, count, (jbyte *)piece);
    for (jint written = 0; written < count;) {
      ssize_t n = pwrite(fd, piece + written, (size_t)(count - written), (off_t)(at + done + written));
      if (n > 0) written += (jint)n;
      else if (n == 0) return -ENOSPC;
      else if (errno != EINTR) return -errno;
    }
    done += count;
  }
  return 0;
}

METHOD(jint, truncate0)(JNIEnv *env, jclass c, jint fd, jlong bytes) {
  (void)env; (void)c;
  return ftruncate(fd, (off_t)bytes) == 0 ? 0 : -errno;
}

METHOD(jint, sync0)(JNIEnv *env, jclass c, jint fd) {
  (void)env; (void)c;
  return fdatasync(fd) == 0 ? 0 : -errno;
}

METHOD(jlong, size0)(JNIEnv *env, jclass c, jint fd) {
  (void)env; (void)c;
  struct stat s;
  return fstat(fd, &s) == 0 ? (jlong)s.st_size : -errno;
}

/* To write beyond the process's own limit would be the host's death by SIGXFSZ. */
METHOD(jlong, room0)(JNIEnv *env, jclass c, jint fd) {
  (void)env; (void)c;
  struct statvfs disk;
  struct rlimit most;
  if (fstatvfs(fd, &disk) != 0 || getrlimit(RLIMIT_FSIZE, &most) != 0) return -errno;
  uint64_t room = (uint64_t)disk.f_bavail * disk.f_frsize;
  if (most.rlim_cur != RLIM_INFINITY && most.rlim_cur < room) room = most.rlim_cur;
  return room > INT64_MAX ? INT64_MAX : (jlong)room;
}

/* 1 if the path still leads to this very file. */
METHOD(jint, isAt0)(JNIEnv *env, jclass c, jint fd, jbyteArray path) {
  (void)c;
  char *name = (char *)(*env)->GetByteArrayElements(env, path, NULL);
  if (name == NULL) return -ENOMEM;
  struct stat here, there;
  int same = fstat(fd, &here) == 0 && stat(name, &there) == 0 && here.st_dev == there.st_dev && here.st_ino == there.st_ino;
  (*env)->ReleaseByteArrayElements(env, path, (jbyte *)name, JNI_ABORT);
  return same;
}

METHOD(void, close0)(JNIEnv *env, jclass c, jint fd) {
  (void)env; (void)c;
  close(fd);
}

METHOD(jstring, message0)(JNIEnv *env, jclass c, jint code) {
  (void)c;
  char text[128];
  return (*env)->NewStringUTF(env, strerror_r(code, text, sizeof text));
}

int local_pages_read(const LocalPages *local, int64_t txid, int64_t lineage, int64_t at, void *to, int length) {
  int64_t pgno = at / local->page_size + 1;
  const Stamps *stamps = local->stamps;
  if (pgno > stamps->pages || at % local->page_size + length > local->page_size) return LOCAL_NO;
  int64_t stamp = stamps->of[pgno];
  if (stamp >= 0 || (stamp & STAMP_TXID) > txid || txid > local->newest || lineage != local->lineage) return LOCAL_NO;
  if (stamp & STAMP_UNVERIFIED) return LOCAL_UNVERIFIED;
  ssize_t n;
  do {
    n = pread(local->fd, to, (size_t)length, (off_t)at);
  } while (n < 0 && errno == EINTR);
  if (n != length) return LOCAL_NO;
  stamps = local->stamps;
  /* In this order: pages of a new history come after its number was set. */
  return pgno <= stamps->pages && stamps->of[pgno] == stamp && lineage == local->lineage ? LOCAL_YES : LOCAL_NO;
}

#undef METHOD
#define METHOD(type, name) JNIEXPORT type JNICALL Java_dev_rivulet_natives_LocalPages_##name

METHOD(jlong, create0)(JNIEnv *env, jclass c, jint fd, jint page_size) {
  (void)env; (void)c;
  LocalPages *local = calloc(1, sizeof *local);
  if (local == NULL) return 0;
  local->fd = fd;
  local->page_size = page_size;
  return (jlong)(intptr_t)local;
}

METHOD(void, set0)(JNIEnv *env, jclass c, jlong address, jlong stamps, jlong newest, jlong lineage) {
  (void)env; (void)c;
  LocalPages *local = (LocalPages *)(intptr_t)address;
  /* A new history's number first: its pages come after it, and what is right in none is not read. */
  local->lineage = lineage;
  local->stamps = (Stamps *)(intptr_t)stamps;
  local->newest = newest;
}

METHOD(jint, read0)(JNIEnv *env, jclass c, jlong address, jlong txid, jlong lineage, jlong at, jlong to, jint length) {
  (void)env; (void)c;
  return local_pages_read((LocalPages *)(intptr_t)address, txid, lineage, at, (void *)(intptr_t)to, length);
}

METHOD(jlong, createStamps0)(JNIEnv *env, jclass c, jint pages) {
  (void)env; (void)c;
  Stamps *stamps = calloc(1, sizeof *stamps + ((size_t)pages + 1) * sizeof stamps->of[0]);
  if (stamps != NULL) stamps->pages = pages;
  return (jlong)(intptr_t)stamps;
}

METHOD(jlong, stamp0)(JNIEnv *env, jclass c, jlong stamps, jint pgno) {
  (void)env; (void)c;
  return ((Stamps *)(intptr_t)stamps)->of[pgno];
}

METHOD(void, setStamp0)(JNIEnv *env, jclass c, jlong stamps, jint pgno, jlong stamp) {
  (void)env; (void)c;
  ((Stamps *)(intptr_t)stamps)->of[pgno] = stamp;
}

METHOD(void, free0)(JNIEnv *env, jclass c, jlong address) {
  (void)env; (void)c;
  free((void *)(intptr_t)address);
}

#undef METHOD
#define METHOD(type, name) JNIEXPORT type JNICALL Java_dev_rivulet_natives_Publication_##name

METHOD(jlong, create0)(JNIEnv *env, jclass c) {
  (void)env; (void)c;
  return (jlong)(intptr_t)calloc(1, sizeof(Publication));
}

METHOD(jlong, number0)(JNIEnv *env, jclass c, jlong address) {
  (void)env; (void)c;
  return ((Publication *)(intptr_t)address)->number;
}

METHOD(void, next0)(JNIEnv *env, jclass c, jlong address) {
  (void)env; (void)c;
  ((Publication *)(intptr_t)address)->number++;
}
