/*
** What Java asks of C: dev.rivulet.sqlite.Shim (its adopt0 is in java.c).
*/
#include "shim.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define METHOD(type, name) JNIEXPORT type JNICALL Java_dev_rivulet_sqlite_Shim_##name

METHOD(jboolean, isInterrupted0)(JNIEnv *env, jclass c, jlong address) {
  (void)env; (void)c;
  const ReplicaFile *file = (const ReplicaFile *)(intptr_t)address;
  if (file->db == NULL || *file->db == NULL || file->registration->is_interrupted == NULL) return JNI_FALSE;
  return file->registration->is_interrupted(*file->db) ? JNI_TRUE : JNI_FALSE;
}

METHOD(void, log0)(JNIEnv *env, jclass c, jlong registration, jint code, jbyteArray text) {
  (void)c;
  if (registration == 0) return; /* nobody's: there is no SQLite to tell */
  SQLITE_OF((const Registration *)(intptr_t)registration);
  char line[1024] = {0};
  jsize length = (*env)->GetArrayLength(env, text);
  if (length >= (jsize)sizeof line) length = sizeof line - 1;
  (*env)->GetByteArrayRegion(env, text, 0, length, (jbyte *)line);
  sqlite3_log(code, "%s", line);
}

METHOD(jbyteArray, getenv0)(JNIEnv *env, jclass c, jbyteArray name) {
  (void)c;
  char key[256] = {0};
  jsize length = (*env)->GetArrayLength(env, name);
  if (length >= (jsize)sizeof key) return NULL;
  (*env)->GetByteArrayRegion(env, name, 0, length, (jbyte *)key);
  const char *value = getenv(key);
  if (value == NULL) return NULL;
  jsize size = (jsize)strlen(value);
  jbyteArray bytes = (*env)->NewByteArray(env, size);
  if (bytes != NULL) (*env)->SetByteArrayRegion(env, bytes, 0, size, (const jbyte *)value);
  return bytes;
}

METHOD(void, view0)(JNIEnv *env, jclass c, jlong file, jlong local, jlong txid, jlong lineage, jlong bytes) {
  (void)env; (void)c;
  ReplicaFile *f = (ReplicaFile *)(intptr_t)file;
  f->local = (const LocalPages *)(intptr_t)local;
  f->txid = txid;
  f->lineage = lineage;
  f->bytes = bytes;
  f->has_change = 0;
}

METHOD(void, until0)(JNIEnv *env, jclass c, jlong file, jlong publication, jlong seen, jlong until) {
  (void)env; (void)c;
  ReplicaFile *f = (ReplicaFile *)(intptr_t)file;
  f->publication = (const Publication *)(intptr_t)publication;
  f->seen = seen;
  f->until = until;
}
