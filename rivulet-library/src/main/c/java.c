/*
** The JVM: its start and end, the JNI environment of each thread, fork.
*/
#include "java.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Atomic(JavaVM *) running_vm;
static atomic_int forked_reported; /* once is enough: every read would say it */
static atomic_int starting; /* a JVM is being made: too late to fork as well */
static atomic_int adopted; /* the ids below are valid */
static pthread_mutex_t start_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_mutex_t adopt_mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t detach_key;

/* For a message with several long paths in it. */
#define MESSAGE_SIZE 8192

JavaVfs java_vfs;
atomic_int java_forked;

/* ---- threads and fork ---- */

const char JAVA_FORKED[] =
    "this process was forked after its parent had opened a replica, and a Java VM does not survive a fork: open "
    "replicas only after forking (loading the extension before is fine), or spawn a new program";

static void detach(void *vm) {
  if (!java_forked) (*(JavaVM *)vm)->DetachCurrentThread(vm);
}

int java_is_forked(void) { return java_forked; }

/* Of the JVM's threads none lives on in the child, so a call into it would wait for ever. */
static void in_child(void) {
  pthread_mutex_init(&start_mutex, NULL); /* another thread of the parent may have held it */
  if (running_vm != NULL || starting) java_forked = 1;
}

static void set_up_once(void) {
  pthread_key_create(&detach_key, detach);
  pthread_atfork(NULL, NULL, in_child);
}

JNIEnv *java_environment(const Registration *r) {
  JavaVM *vm = running_vm;
  JNIEnv *env = NULL;
  if (java_forked) {
    if (!forked_reported) report(r, SQLITE_CANTOPEN, JAVA_FORKED);
    forked_reported = 1;
    return NULL;
  }
  if (vm == NULL) return NULL;
  if ((*vm)->GetEnv(vm, (void **)&env, JNI_VERSION_1_8) == JNI_OK) return env;
  JavaVMAttachArgs arguments = {JNI_VERSION_1_8, "sqlite", NULL};
  sigset_t hosts;
  pthread_sigmask(SIG_SETMASK, NULL, &hosts); /* the JVM lets through what it uses, and may be the host's */
  /* As a daemon: the host's threads must not keep the JVM from ending. */
  int rc = (*vm)->AttachCurrentThreadAsDaemon(vm, (void **)&env, &arguments);
  signals_of_host(&hosts);
  if (rc != JNI_OK) {
    report(r, SQLITE_NOMEM, "the Java VM cannot attach this thread: it is out of memory, or shutting down");
    return NULL;
  }
  pthread_setspecific(detach_key, vm);
  return env;
}

int java_exception_code(JNIEnv *env, int otherwise) {
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
  /* Java says what it throws, unless it cannot. The sentence is that of dev.rivulet.log.OutOfMemory. */
  if (code == SQLITE_NOMEM)
    report(NULL, code, "out of memory in the Java VM: give it a larger heap (the extension's is -Xmx in lib/jvm.options)");
  return code;
}

/* ---- start and end ---- */

static int adopt_locked(JNIEnv *env, jclass class) {
  if (adopted) return 0;
#define FILE_CLASS "Ldev/rivulet/sqlite/OpenFile;"
  const struct { jmethodID *id; const char *name, *signature; } methods[] = {
      {&java_vfs.open, "open", "([BJJ)" FILE_CLASS},
      {&java_vfs.failure_code, "failureCode", "()I"},
      {&java_vfs.close, "close", "(" FILE_CLASS ")V"},
      {&java_vfs.read, "read", "(" FILE_CLASS "JIJ)I"},
      {&java_vfs.size, "size", "(" FILE_CLASS ")J"},
      {&java_vfs.begin, "begin", "(" FILE_CLASS ")I"},
      {&java_vfs.end, "end", "(" FILE_CLASS ")V"},
      {&java_vfs.refuse_write, "refuseWrite", "(" FILE_CLASS ")V"},
      {&java_vfs.resume, "resume", "(" FILE_CLASS ")V"},
      {&java_vfs.property, "property", "(" FILE_CLASS "[B[B)[B"},
      {&java_vfs.shutdown, "shutdown", "()Z"},
  };
  for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
    *methods[i].id = (*env)->GetStaticMethodID(env, class, methods[i].name, methods[i].signature);
    if (*methods[i].id == NULL) return -1;
  }
  java_vfs.class = (*env)->NewGlobalRef(env, class);
  if (java_vfs.class == NULL) return -1;
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
  if (java_forked || !adopted || ended) return;
  ended = 1;
  JNIEnv *env = java_environment(NULL);
  if (env == NULL) return;
  jboolean destroy = (*env)->CallStaticBooleanMethod(env, java_vfs.class, java_vfs.shutdown);
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
  JNIEnv *env = java_environment(r);
  if (env != NULL && find_vfs(env) != 0) {
    snprintf(message, MESSAGE_SIZE,
             "this process has a Java VM already, and Rivulet's classes cannot be used in it (the cause is above): "
             "put Rivulet on its class path, and from Java open jdbc:rivulet: URLs");
  }
}

JNIEnv *java_started_environment(const Registration *r) {
  pthread_once(&once, set_up_once);
  if (adopted || java_forked) return java_environment(r);
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
  return adopted ? java_environment(r) : NULL;
}

/* In a Java host the driver offers the class, as only its loader can find it. */
JNIEXPORT void JNICALL Java_dev_rivulet_sqlite_Shim_adopt0(JNIEnv *env, jclass c, jclass class) {
  (void)c;
  pthread_once(&once, set_up_once);
  adopt(env, class);
}
