/*
** SQLite calls Java: dev.rivulet.sqlite.Vfs. Each java_xxx() has its now_xxx(), which runs where Java can.
**
** Java's entry points catch everything and return SQLite's codes. A pending exception after a call
** can only be one that struck outside their reach (no stack or no memory to enter them).
*/
#include "java.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static jbyteArray bytes_of(JNIEnv *env, const char *text, size_t length) {
  jbyteArray bytes = (*env)->NewByteArray(env, (jsize)length);
  if (bytes != NULL) (*env)->SetByteArrayRegion(env, bytes, 0, (jsize)length, (const jbyte *)text);
  return bytes;
}

/* "name\0key\0value\0key\0value\0" */
static char *name_and_parameters(const Registration *r, const char *name, size_t *length) {
  SQLITE_OF(r);
  size_t n = strlen(name) + 1;
  const char *key;
  for (int i = 0; (key = sqlite3_uri_key(name, i)) != NULL; i++) {
    n += strlen(key) + 1 + strlen(sqlite3_uri_parameter(name, key)) + 1;
  }
  char *all = malloc(n);
  if (all == NULL) return NULL;
  char *p = stpcpy(all, name) + 1;
  for (int i = 0; (key = sqlite3_uri_key(name, i)) != NULL; i++) {
    p = stpcpy(p, key) + 1;
    p = stpcpy(p, sqlite3_uri_parameter(name, key)) + 1;
  }
  *length = n;
  return all;
}

static int open_in_java(JNIEnv *env, ReplicaFile *file, const char *name) {
  size_t length = 0;
  char *all = name_and_parameters(file->registration, name, &length);
  if (all == NULL) return SQLITE_NOMEM;
  jbyteArray bytes = bytes_of(env, all, length);
  free(all);
  if (bytes == NULL) return java_exception_code(env, SQLITE_NOMEM);
  jobject opened = (*env)->CallStaticObjectMethod(env, java_vfs.class, java_vfs.open, bytes, (jlong)(intptr_t)file,
                                                  (jlong)(intptr_t)file->registration);
  if ((*env)->ExceptionCheck(env)) return java_exception_code(env, SQLITE_CANTOPEN);
  if (opened == NULL) {
    int code = (*env)->CallStaticIntMethod(env, java_vfs.class, java_vfs.failure_code);
    return (*env)->ExceptionCheck(env) ? java_exception_code(env, SQLITE_CANTOPEN) : code;
  }
  file->java = (*env)->NewGlobalRef(env, opened);
  if (file->java != NULL) return SQLITE_OK;
  (*env)->CallStaticVoidMethod(env, java_vfs.class, java_vfs.close, opened);
  if ((*env)->ExceptionCheck(env)) (*env)->ExceptionClear(env);
  return SQLITE_NOMEM;
}

static int now_open(JavaCall *c) {
  ReplicaFile *file = c->file;
  sigset_t ours, hosts;
  signals_of_java(&ours); /* threads that Java starts inherit this thread's */
  pthread_sigmask(SIG_SETMASK, &ours, &hosts);
  int rc = SQLITE_CANTOPEN;
  if (java_started_environment(file->registration) != NULL) {
    Call call = java_enter(file->registration);
    JNIEnv *env = call.env;
    signals_guard();
    /* Nothing else frees the local references of a thread that is not Java's own. */
    if ((*env)->PushLocalFrame(env, 8) == 0) {
      rc = open_in_java(env, file, c->name);
      (*env)->PopLocalFrame(env, NULL);
    } else {
      rc = java_exception_code(env, SQLITE_NOMEM);
    }
    java_leave(&call);
  }
  pthread_sigmask(SIG_SETMASK, &hosts, NULL);
  return rc;
}

int java_open(ReplicaFile *file, const char *name) {
  return java_call((JavaCall){.function = now_open, .file = file, .name = name});
}

static int now_close(JavaCall *c) {
  ReplicaFile *file = c->file;
  if (java_forked) return SQLITE_OK; /* what is open belongs to the parent */
  Call call = java_enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_OK;
  (*env)->CallStaticVoidMethod(env, java_vfs.class, java_vfs.close, file->java);
  (*env)->DeleteGlobalRef(env, file->java);
  java_leave(&call);
  return SQLITE_OK;
}

void java_close(ReplicaFile *file) { java_call((JavaCall){.function = now_close, .file = file}); }

/*
** What Java is asked or told outside of a transaction may take the connection to another view: the next
** transaction begins there.
*/
static void ask_again(ReplicaFile *file) { file->publication = NULL; }

static int now_read(JavaCall *c) {
  ReplicaFile *file = c->file;
  if (java_resume(file) != SQLITE_OK) return SQLITE_IOERR_READ;
  Call call = java_enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_READ;
  int rc = (*env)->CallStaticIntMethod(env, java_vfs.class, java_vfs.read, file->java, (jlong)(intptr_t)c->to,
                                       (jint)c->length, (jlong)c->offset);
  if ((*env)->ExceptionCheck(env)) rc = java_exception_code(env, SQLITE_IOERR_READ);
  java_leave(&call);
  return rc;
}

int java_read(ReplicaFile *file, void *to, int length, sqlite3_int64 offset) {
  return java_call((JavaCall){.function = now_read, .file = file, .to = to, .length = length, .offset = offset});
}

static int now_size(JavaCall *c) {
  ReplicaFile *file = c->file;
  if (java_resume(file) != SQLITE_OK) return SQLITE_IOERR_FSTAT;
  Call call = java_enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_FSTAT;
  jlong n = (*env)->CallStaticLongMethod(env, java_vfs.class, java_vfs.size, file->java);
  if ((*env)->ExceptionCheck(env)) n = -(jlong)java_exception_code(env, SQLITE_IOERR_FSTAT);
  java_leave(&call);
  if (n < 0) return (int)-n;
  *c->size = n;
  return SQLITE_OK;
}

int java_size(ReplicaFile *file, sqlite3_int64 *size) {
  return java_call((JavaCall){.function = now_size, .file = file, .size = size});
}

static int now_begin(JavaCall *c) {
  ReplicaFile *file = c->file;
  Call call = java_enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_LOCK;
  signals_guard();
  int rc = (*env)->CallStaticIntMethod(env, java_vfs.class, java_vfs.begin, file->java);
  if ((*env)->ExceptionCheck(env)) rc = java_exception_code(env, SQLITE_IOERR_LOCK);
  file->begun = rc == SQLITE_OK;
  if (rc != SQLITE_OK) ask_again(file);
  java_leave(&call);
  return rc;
}

int java_begin(ReplicaFile *file) { return java_call((JavaCall){.function = now_begin, .file = file}); }

static int now_resume(JavaCall *c) {
  ReplicaFile *file = c->file;
  Call call = java_enter(file->registration);
  if (call.env == NULL) return SQLITE_IOERR_LOCK;
  (*call.env)->CallStaticVoidMethod(call.env, java_vfs.class, java_vfs.resume, file->java);
  file->begun = !(*call.env)->ExceptionCheck(call.env);
  java_leave(&call);
  return file->begun ? SQLITE_OK : SQLITE_IOERR_LOCK;
}

int java_resume(ReplicaFile *file) {
  if (file->lock < SQLITE_LOCK_SHARED) ask_again(file);
  if (file->lock < SQLITE_LOCK_SHARED || file->begun) return SQLITE_OK;
  return java_call((JavaCall){.function = now_resume, .file = file});
}

static int now_end(JavaCall *c) {
  ReplicaFile *file = c->file;
  file->begun = 0;
  if (java_forked) return SQLITE_OK;
  Call call = java_enter(file->registration);
  if (call.env == NULL) return SQLITE_OK;
  (*call.env)->CallStaticVoidMethod(call.env, java_vfs.class, java_vfs.end, file->java);
  java_leave(&call);
  return SQLITE_OK;
}

void java_end(ReplicaFile *file) { java_call((JavaCall){.function = now_end, .file = file}); }

static int now_refuse_write(JavaCall *c) {
  ReplicaFile *file = c->file;
  Call call = java_enter(file->registration);
  if (call.env == NULL) return SQLITE_READONLY;
  (*call.env)->CallStaticVoidMethod(call.env, java_vfs.class, java_vfs.refuse_write, file->java);
  java_leave(&call);
  return SQLITE_READONLY;
}

int java_refuse_write(ReplicaFile *file) {
  return java_call((JavaCall){.function = now_refuse_write, .file = file});
}

/* Java answers with one byte that says what text follows: v a value, e an error's, i an interrupt's. */
static int property_in_java(JNIEnv *env, ReplicaFile *file, const char *name, const char *value, char **text) {
  SQLITE_OF(file->registration);
  jbyteArray name_bytes = bytes_of(env, name, strlen(name));
  jbyteArray value_bytes = name_bytes == NULL || value == NULL ? NULL : bytes_of(env, value, strlen(value));
  if ((*env)->ExceptionCheck(env)) return java_exception_code(env, SQLITE_NOMEM);
  jbyteArray answer =
      (*env)->CallStaticObjectMethod(env, java_vfs.class, java_vfs.property, file->java, name_bytes, value_bytes);
  if ((*env)->ExceptionCheck(env)) return java_exception_code(env, SQLITE_ERROR);
  jsize length = answer == NULL ? 0 : (*env)->GetArrayLength(env, answer);
  if (length < 1) return SQLITE_NOMEM;
  jbyte kind;
  (*env)->GetByteArrayRegion(env, answer, 0, 1, &kind);
  char *copy = sqlite3_malloc(length);
  if (copy == NULL) return SQLITE_NOMEM;
  (*env)->GetByteArrayRegion(env, answer, 1, length - 1, (jbyte *)copy);
  copy[length - 1] = 0;
  *text = copy;
  if (kind == 'v') return SQLITE_OK;
  return kind == 'i' ? SQLITE_INTERRUPT : SQLITE_ERROR;
}

static int now_property(JavaCall *c) {
  ReplicaFile *file = c->file;
  int resumed = java_resume(file);
  Call call = java_enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL || resumed != SQLITE_OK) {
    SQLITE_OF(file->registration);
    *c->text = sqlite3_mprintf("%s", java_forked ? JAVA_FORKED : "the Java VM has no memory for this thread");
    return SQLITE_ERROR;
  }
  int rc;
  if ((*env)->PushLocalFrame(env, 8) == 0) {
    rc = property_in_java(env, file, c->name, c->value, c->text);
    (*env)->PopLocalFrame(env, NULL);
  } else {
    rc = java_exception_code(env, SQLITE_NOMEM);
  }
  java_leave(&call);
  return rc;
}

int java_property(ReplicaFile *file, const char *name, const char *value, char **text) {
  return java_call(
      (JavaCall){.function = now_property, .file = file, .name = name, .value = value, .text = text});
}
