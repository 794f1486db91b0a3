/*
** What the shim's halves of the JNI boundary share: java.c (the JVM, threads, fork, exit) and calls.c
** (each call from SQLite into Java). Calls are inline, because a page read from memory takes less than a
** microsecond in all.
*/
#ifndef RIVULET_JAVA_H
#define RIVULET_JAVA_H

#include "shim.h"

#include <stdatomic.h>

/* Static methods of dev.rivulet.sqlite.Vfs; valid once there is an environment. */
typedef struct JavaVfs {
  jclass class;
  jmethodID open, failure_code, close, read, size, begin, end, refuse_write, property, resume, shutdown;
} JavaVfs;
extern JavaVfs java_vfs;

extern atomic_int java_forked; /* this process is a fork of the one whose JVM it was */
extern const char JAVA_FORKED[];

/* One call from SQLite into Java: what to do, with what. */
typedef struct JavaCall {
  int (*function)(struct JavaCall *call);
  ReplicaFile *file;
  const char *name;
  const char *value;
  char **text;
  void *to;
  int length;
  sqlite3_int64 offset;
  sqlite3_int64 *size;
  int result; /* of the function */
} JavaCall;

/* stacks.c. Calls the function, on a stack that Java can run on. */
int java_call(JavaCall call);

/* This thread's environment; it is attached if need be, until it ends. NULL: reported. */
JNIEnv *java_environment(const Registration *r);
/* As java_environment(), but starts the JVM if there is none yet. */
JNIEnv *java_started_environment(const Registration *r);
/* The code for a pending exception, which is cleared. */
int java_exception_code(JNIEnv *env, int otherwise);

/*
** One call from SQLite into Java. In a Java host an exception may be pending already (a progress
** handler threw, and the driver has not looked yet): it is set aside, for nothing may be called
** with it, and given back.
*/
typedef struct {
  JNIEnv *env; /* NULL if there is none, which was reported */
  jthrowable aside;
} Call;

static inline Call java_enter(const Registration *r) {
  Call call = {java_environment(r), NULL};
  if (call.env != NULL && (*call.env)->ExceptionCheck(call.env)) {
    call.aside = (*call.env)->ExceptionOccurred(call.env);
    (*call.env)->ExceptionClear(call.env);
  }
  return call;
}

static inline void java_leave(const Call *call) {
  if ((*call->env)->ExceptionCheck(call->env)) (*call->env)->ExceptionClear(call->env);
  if (call->aside != NULL) {
    (*call->env)->Throw(call->env, call->aside);
    (*call->env)->DeleteLocalRef(call->env, call->aside);
  }
}

#endif
