/*
** Calls into Java (dev.rivulet.sqlite.Vfs): the JNI environment of each thread, fork, exit.
**
** Java's entry points catch everything and return SQLite's codes. A pending exception after a call
** can only be one that struck outside their reach (no stack or no memory to enter them).
*/
#include "shim.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static _Atomic(JavaVM *) running_vm;
static atomic_int forked;  /* this process is a fork of the one whose JVM it was */
static atomic_int forked_reported; /* once is enough: every read would say it */
static atomic_int starting; /* a JVM is being made: too late to fork as well */
static atomic_int adopted; /* the ids below are valid */
static pthread_mutex_t start_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t adopt_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t detach_key;

/* For a message with several long paths in it. */
#define MESSAGE_SIZE 8192

static struct {
  jclass class;
  jmethodID open, failure_code, close, read, size, begin, end, refuse_write, property, shutdown;
} vfs;

/* ---- threads and fork ---- */

static const char FORKED[] =
    "this process was forked after its parent had opened a replica, and a Java VM does not survive a fork: open "
    "replicas only after forking (loading the extension before is fine), or spawn a new program";

static void detach(void *vm) {
  if (!forked) (*(JavaVM *)vm)->DetachCurrentThread(vm);
}

/* Of the JVM's threads none lives on in the child, so a call into it would wait for ever. */
static void in_child(void) {
  pthread_mutex_init(&start_mutex, NULL); /* another thread of the parent may have held it */
  if (running_vm != NULL || starting) forked = 1;
}

static void set_up_once(void) {
  pthread_key_create(&detach_key, detach);
  pthread_atfork(NULL, NULL, in_child);
}

/* This thread's environment; it is attached if need be, until it ends. NULL: reported. */
static JNIEnv *environment(const Registration *r) {
  JavaVM *vm = running_vm;
  JNIEnv *env = NULL;
  if (forked) {
    if (!forked_reported) report(r, SQLITE_CANTOPEN, FORKED);
    forked_reported = 1;
    return NULL;
  }
  if (vm == NULL) return NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) == JNI_OK) return env;
  JavaVMAttachArgs arguments = {JNI_VERSION_1_8, "sqlite", NULL};
  /* As a daemon: the host's threads must not keep the JVM from ending. */
  if ((*vm)->AttachCurrentThreadAsDaemon(vm, (void **)&env, &arguments) != JNI_OK) {
    report(r, SQLITE_NOMEM, "the Java VM cannot attach this thread: it is out of memory, or shutting down");
    return NULL;
  }
  pthread_setspecific(detach_key, vm);
  return env;
}

/*
** One call from SQLite into Java. In a Java host an exception may be pending already (a progress
** handler threw, and the driver has not looked yet): it is set aside, for nothing may be called
** with it, and given back.
*/
typedef struct {
  JNIEnv *env; /* NULL if there is none, which was reported */
  jthrowable aside;
} Call;

static Call enter(const Registration *r) {
  Call call = {environment(r), NULL};
  if (call.env != NULL && (*call.env)->ExceptionCheck(call.env)) {
    call.aside = (*call.env)->ExceptionOccurred(call.env);
    (*call.env)->ExceptionClear(call.env);
  }
  return call;
}

static void leave(const Call *call) {
  if ((*call->env)->ExceptionCheck(call->env)) (*call->env)->ExceptionClear(call->env);
  if (call->aside != NULL) {
    (*call->env)->Throw(call->env, call->aside);
    (*call->env)->DeleteLocalRef(call->env, call->aside);
  }
}

/* The code for a pending exception, which is cleared. */
static int exception_code(JNIEnv *env, int otherwise) {
  jthrowable thrown = (*env)->ExceptionOccurred(env);
  (*env)->ExceptionClear(env);
  int code = otherwise;
  jclass oom = (*env)->FindClass(env, "java/lang/OutOfMemoryError");
  if (oom == NULL) {
    (*env)->ExceptionClear(env);
    code = SQLITE_NOMEM;
  } else if ((*env)->IsInstanceOf(env, thrown, oom)) {
    code = SQLITE_NOMEM;
  }
  (*env)->DeleteLocalRef(env, oom);
  (*env)->DeleteLocalRef(env, thrown);
  return code;
}

/* ---- start and end ---- */

static int adopt_locked(JNIEnv *env, jclass class) {
  if (adopted) return 0;
#define FILE_CLASS "Ldev/rivulet/sqlite/OpenFile;"
  const struct { jmethodID *id; const char *name, *signature; } methods[] = {
      {&vfs.open, "open", "([BJJ)" FILE_CLASS},
      {&vfs.failure_code, "failureCode", "()I"},
      {&vfs.close, "close", "(" FILE_CLASS ")V"},
      {&vfs.read, "read", "(" FILE_CLASS "JIJ)I"},
      {&vfs.size, "size", "(" FILE_CLASS ")J"},
      {&vfs.begin, "begin", "(" FILE_CLASS ")I"},
      {&vfs.end, "end", "(" FILE_CLASS ")V"},
      {&vfs.refuse_write, "refuseWrite", "(" FILE_CLASS ")V"},
      {&vfs.property, "property", "(" FILE_CLASS "[B[B)[B"},
      {&vfs.shutdown, "shutdown", "()Z"},
  };
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    *methods[i].id = (*env)->GetStaticMethodID(env, class, methods[i].name, methods[i].signature);
    if (*methods[i].id == NULL) return -1;
  }
  vfs.class = (*env)->NewGlobalRef(env, class);
  if (vfs.class == NULL) return -1;
  JavaVM *vm = NULL;
  (*env)->GetJavaVM(env, &vm);
  running_vm = vm;
  adopted = 1;
  return 0;
}

/* Takes the class dev.rivulet.sqlite.Vfs for all later calls. 0, or -1 with an exception pending. */
static int adopt(JNIEnv *env, jclass class) {
  /* Not start_mutex: whoever starts the JVM holds that while Java's initialize() comes here. */
  pthread_mutex_lock(&adopt_mutex);
  int rc = adopt_locked(env, class);
  pthread_mutex_unlock(&adopt_mutex);
  return rc;
}

/* Runs when exit() begins, before the destructors of the JVM's own library. */
static int ended;   /* at_exit has run: it may be registered twice */
static int created; /* the JVM is ours, and ends with the process */

static void at_exit(void) {
  if (forked || !adopted || ended) return;
  ended = 1;
  JNIEnv *env = environment(NULL);
  if (env == NULL) return;
  jboolean destroy = (*env)->CallStaticBooleanMethod(env, vfs.class, vfs.shutdown);
  if ((*env)->ExceptionCheck(env)) (*env)->ExceptionClear(env);
  JavaVM *vm = running_vm;
  /* Only a JVM that ends in good order writes what it has learned for its AOT cache. */
  if (destroy) (*vm)->DestroyJavaVM(vm);
}

/*
** A library that was loaded since, and that has an exit handler of its own (aws-crt: it waits a second
** for threads that only we can end), would run it before ours: the last one registered runs first.
*/
JNIEXPORT void JNICALL Java_dev_rivulet_natives_ExitHandler_renew0(JNIEnv *env, jclass class) {
  (void)env; (void)class;
  if (created) atexit(at_exit);
}

/* Finds Java's half and takes it. 0, or -1. */
static int find_vfs(JNIEnv *env) {
  jclass class = (*env)->FindClass(env, "dev/rivulet/sqlite/Vfs");
  jmethodID initialize = class == NULL ? NULL : (*env)->GetStaticMethodID(env, class, "initialize", "()V");
  if (initialize != NULL) (*env)->CallStaticVoidMethod(env, class, initialize);
  if (!(*env)->ExceptionCheck(env) && adopt(env, class) == 0) {
    (*env)->DeleteLocalRef(env, class);
    return 0;
  }
  (*env)->ExceptionDescribe(env); /* the cause, to stderr */
  (*env)->ExceptionClear(env);
  return -1;
}

/* Creates the JVM, on a thread of its own; its result is a message, empty if all went well. */
static void *create_vm(void *message) {
  JavaVM *vm = NULL;
  JNIEnv *env = NULL;
  if (jvm_create(&vm, &env, message, MESSAGE_SIZE) != 0) return NULL;
  running_vm = vm;
  pthread_setspecific(detach_key, vm);
  created = 1;
  atexit(at_exit);
  if (find_vfs(env) != 0) {
    snprintf(message, MESSAGE_SIZE,
             "Rivulet's classes cannot be used (the cause is above): the folder of the distribution is not whole");
  }
  return NULL;
}

/*
** The host's thread may have a small stack (128 KB where libc is musl), on which the JVM ends the
** process with a StackOverflowError. What it starts with gets what Java threads have by default.
*/
static void create_vm_on_a_thread(char *message) {
  pthread_attr_t attributes;
  pthread_t thread;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 1 << 20);
  if (pthread_create(&thread, &attributes, create_vm, message) == 0) {
    pthread_join(thread, NULL);
  } else {
    snprintf(message, MESSAGE_SIZE, "no thread can be started to create the Java VM: out of memory or threads");
  }
  pthread_attr_destroy(&attributes);
}

/* Takes part in a JVM that is not ours. FindClass looks where the calling Java method comes from. */
static void join_vm(const Registration *r, JavaVM *vm, char *message) {
  running_vm = vm;
  JNIEnv *env = environment(r);
  if (env != NULL && find_vfs(env) != 0) {
    snprintf(message, MESSAGE_SIZE,
             "this process has a Java VM already, and Rivulet's classes cannot be used in it (the cause is above): "
             "put Rivulet on its class path, and from Java open jdbc:rivulet: URLs");
  }
}

/* As environment(), but starts the JVM if there is none yet. NULL: reported. */
static JNIEnv *started_environment(const Registration *r) {
  pthread_once(&once, set_up_once);
  if (adopted || forked) return environment(r);
  pthread_mutex_lock(&start_mutex);
  if (!adopted) {
    char *message = calloc(1, MESSAGE_SIZE);
    JavaVM *vm = NULL;
    starting = 1;
    if (message != NULL && jvm_find(&vm)) join_vm(r, vm, message);
    else if (message != NULL) create_vm_on_a_thread(message);
    starting = 0;
    if (message != NULL && *message != 0) report(r, SQLITE_CANTOPEN, message);
    free(message);
  }
  pthread_mutex_unlock(&start_mutex);
  return adopted ? environment(r) : NULL;
}

/* ---- Java calls C: dev.rivulet.sqlite.Shim ---- */

#define METHOD(type, name) JNIEXPORT type JNICALL Java_dev_rivulet_sqlite_Shim_##name

/* In a Java host the driver offers the class, as only its loader can find it. */
METHOD(void, adopt0)(JNIEnv *env, jclass c, jclass class) {
  (void)c;
  pthread_once(&once, set_up_once);
  adopt(env, class);
}

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

/* ---- SQLite calls Java ---- */

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
  if (bytes == NULL) return exception_code(env, SQLITE_NOMEM);
  jobject opened = (*env)->CallStaticObjectMethod(env, vfs.class, vfs.open, bytes, (jlong)(intptr_t)file,
                                                  (jlong)(intptr_t)file->registration);
  if ((*env)->ExceptionCheck(env)) return exception_code(env, SQLITE_CANTOPEN);
  if (opened == NULL) {
    int code = (*env)->CallStaticIntMethod(env, vfs.class, vfs.failure_code);
    return (*env)->ExceptionCheck(env) ? exception_code(env, SQLITE_CANTOPEN) : code;
  }
  file->java = (*env)->NewGlobalRef(env, opened);
  if (file->java != NULL) return SQLITE_OK;
  (*env)->CallStaticVoidMethod(env, vfs.class, vfs.close, opened);
  if ((*env)->ExceptionCheck(env)) (*env)->ExceptionClear(env);
  return SQLITE_NOMEM;
}

int java_open(ReplicaFile *file, const char *name) {
  /*
  ** Threads that Java starts inherit this thread's signal mask. They must take no signal that is
  ** meant for the host, and a broken pipe must not kill the host from within them.
  */
  sigset_t ours, hosts;
  sigfillset(&ours);
  const int faults[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGABRT};
  for (size_t i = 0; i < sizeof faults / sizeof *faults; i++) sigdelset(&ours, faults[i]);
  pthread_sigmask(SIG_SETMASK, &ours, &hosts);
  int rc = SQLITE_CANTOPEN;
  if (started_environment(file->registration) != NULL) {
    Call call = enter(file->registration);
    JNIEnv *env = call.env;
    signals_guard();
    /* Nothing else frees the local references of a thread that is not Java's own. */
    if ((*env)->PushLocalFrame(env, 8) == 0) {
      rc = open_in_java(env, file, name);
      (*env)->PopLocalFrame(env, NULL);
    } else {
      rc = exception_code(env, SQLITE_NOMEM);
    }
    leave(&call);
  }
  pthread_sigmask(SIG_SETMASK, &hosts, NULL);
  return rc;
}

void java_close(ReplicaFile *file) {
  if (forked) return; /* what is open belongs to the parent */
  Call call = enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return;
  (*env)->CallStaticVoidMethod(env, vfs.class, vfs.close, file->java);
  (*env)->DeleteGlobalRef(env, file->java);
  leave(&call);
}

int java_read(ReplicaFile *file, void *to, int length, sqlite3_int64 offset) {
  Call call = enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_READ;
  int rc = (*env)->CallStaticIntMethod(env, vfs.class, vfs.read, file->java, (jlong)(intptr_t)to, (jint)length,
                                       (jlong)offset);
  if ((*env)->ExceptionCheck(env)) rc = exception_code(env, SQLITE_IOERR_READ);
  leave(&call);
  return rc;
}

int java_size(ReplicaFile *file, sqlite3_int64 *size) {
  Call call = enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_FSTAT;
  jlong n = (*env)->CallStaticLongMethod(env, vfs.class, vfs.size, file->java);
  if ((*env)->ExceptionCheck(env)) n = -(jlong)exception_code(env, SQLITE_IOERR_FSTAT);
  leave(&call);
  if (n < 0) return (int)-n;
  *size = n;
  return SQLITE_OK;
}

int java_begin(ReplicaFile *file) {
  Call call = enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) return SQLITE_IOERR_LOCK;
  signals_guard();
  int rc = (*env)->CallStaticIntMethod(env, vfs.class, vfs.begin, file->java);
  if ((*env)->ExceptionCheck(env)) rc = exception_code(env, SQLITE_IOERR_LOCK);
  leave(&call);
  return rc;
}

void java_end(ReplicaFile *file) {
  if (forked) return;
  Call call = enter(file->registration);
  if (call.env == NULL) return;
  (*call.env)->CallStaticVoidMethod(call.env, vfs.class, vfs.end, file->java);
  leave(&call);
}

int java_refuse_write(ReplicaFile *file) {
  Call call = enter(file->registration);
  if (call.env == NULL) return SQLITE_READONLY;
  (*call.env)->CallStaticVoidMethod(call.env, vfs.class, vfs.refuse_write, file->java);
  leave(&call);
  return SQLITE_READONLY;
}

/* Java answers with one byte that says what follows it: v a value, e an error's text, n nothing. */
static int property_in_java(JNIEnv *env, ReplicaFile *file, const char *name, const char *value, char **text) {
  SQLITE_OF(file->registration);
  jbyteArray name_bytes = bytes_of(env, name, strlen(name));
  jbyteArray value_bytes = name_bytes == NULL || value == NULL ? NULL : bytes_of(env, value, strlen(value));
  if ((*env)->ExceptionCheck(env)) return exception_code(env, SQLITE_NOMEM);
  jbyteArray answer =
      (*env)->CallStaticObjectMethod(env, vfs.class, vfs.property, file->java, name_bytes, value_bytes);
  if ((*env)->ExceptionCheck(env)) return exception_code(env, SQLITE_ERROR);
  jsize length = answer == NULL ? 0 : (*env)->GetArrayLength(env, answer);
  if (length < 1) return SQLITE_NOMEM;
  jbyte kind;
  (*env)->GetByteArrayRegion(env, answer, 0, 1, &kind);
  if (kind == 'n') return SQLITE_NOTFOUND;
  char *copy = sqlite3_malloc(length);
  if (copy == NULL) return SQLITE_NOMEM;
  (*env)->GetByteArrayRegion(env, answer, 1, length - 1, (jbyte *)copy);
  copy[length - 1] = 0;
  *text = copy;
  return kind == 'v' ? SQLITE_OK : SQLITE_ERROR;
}

int java_property(ReplicaFile *file, const char *name, const char *value, char **text) {
  Call call = enter(file->registration);
  JNIEnv *env = call.env;
  if (env == NULL) {
    SQLITE_OF(file->registration);
    *text = sqlite3_mprintf("%s", forked ? FORKED : "the Java VM has no memory for this thread");
    return SQLITE_ERROR;
  }
  int rc;
  if ((*env)->PushLocalFrame(env, 8) == 0) {
    rc = property_in_java(env, file, name, value, text);
    (*env)->PopLocalFrame(env, NULL);
  } else {
    rc = exception_code(env, SQLITE_NOMEM);
  }
  leave(&call);
  return rc;
}
