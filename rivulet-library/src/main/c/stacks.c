/*
** Stacks that Java cannot run on.
**
** A host may call SQLite on a fiber, whose stack is memory of its own (Ruby's Enumerator, PHP's Fiber,
** coroutine libraries), or on a thread with hardly any stack. The JVM takes the thread's own stack for
** the one that it is on, and keeps a part of that for itself. Such a call is made by a companion: a
** thread that makes calls for one thread of the host, which waits meanwhile, and ends with it.
*/
#include "java.h"

#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <unistd.h>

/* What must be left: the JVM's guard and shadow pages (26 of 4 KiB), and the rest for Java's frames. */
enum { ROOM = 128 << 10 };

/* As much as Java threads have by default. */
enum { COMPANION_STACK = 1 << 20 };

typedef struct Companion {
  pid_t process; /* a fork has no companions */
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  JavaCall *call; /* NULL: nothing to do */
  int over;       /* its thread has ended */
} Companion;

static __thread uintptr_t lowest; /* address of this thread's own stack; 0: not known yet */
static __thread uintptr_t size;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t companion_key;

static void find_stack(void) {
  pthread_attr_t attributes;
  void *address = NULL;
  size_t bytes = 0;
  lowest = 1;
  size = 0; /* if it cannot be told, a companion does everything */
  if (pthread_getattr_np(pthread_self(), &attributes) != 0) return;
  if (pthread_attr_getstack(&attributes, &address, &bytes) == 0) {
    lowest = (uintptr_t)address;
    size = bytes;
  }
  pthread_attr_destroy(&attributes);
}

static int java_fits(void) {
  if (lowest == 0) find_stack();
  uintptr_t left = (uintptr_t)__builtin_frame_address(0) - lowest;
  return left >= ROOM && left < size;
}

static void free_companion(Companion *c) {
  pthread_cond_destroy(&c->changed);
  pthread_mutex_destroy(&c->mutex);
  free(c);
}

static void *work(void *companion) {
  Companion *c = companion;
  pthread_mutex_lock(&c->mutex);
  while (!c->over) {
    if (c->call != NULL) {
      c->call->result = c->call->function(c->call);
      c->call = NULL;
      pthread_cond_broadcast(&c->changed);
    } else {
      pthread_cond_wait(&c->changed, &c->mutex);
    }
  }
  pthread_mutex_unlock(&c->mutex);
  free_companion(c);
  return NULL;
}

/* At the end of the thread that it works for. */
static void dismiss(void *companion) {
  Companion *c = companion;
  if (c->process != getpid()) return; /* what a fork inherits may be locked by nobody */
  pthread_mutex_lock(&c->mutex);
  c->over = 1;
  pthread_cond_broadcast(&c->changed);
  pthread_mutex_unlock(&c->mutex);
}

static void make_key(void) { pthread_key_create(&companion_key, dismiss); }

static int start(Companion *c) {
  pthread_attr_t attributes;
  pthread_t thread;
  sigset_t ours, hosts;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, COMPANION_STACK);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  signals_of_java(&ours);
  pthread_sigmask(SIG_SETMASK, &ours, &hosts);
  int rc = pthread_create(&thread, &attributes, work, c);
  pthread_sigmask(SIG_SETMASK, &hosts, NULL);
  pthread_attr_destroy(&attributes);
  return rc;
}

/* This thread's companion, NULL if there is no memory for one. */
static Companion *companion(void) {
  pthread_once(&once, make_key);
  Companion *c = pthread_getspecific(companion_key);
  if (c != NULL && c->process == getpid()) return c;
  c = calloc(1, sizeof *c);
  if (c == NULL) return NULL;
  c->process = getpid();
  pthread_mutex_init(&c->mutex, NULL);
  pthread_cond_init(&c->changed, NULL);
  if (pthread_setspecific(companion_key, c) == 0 && start(c) == 0) return c;
  pthread_setspecific(companion_key, NULL);
  free_companion(c);
  return NULL;
}

int java_call(JavaCall call) {
  Companion *c = java_forked || java_fits() ? NULL : companion();
  if (c == NULL) return call.function(&call);
  pthread_mutex_lock(&c->mutex);
  c->call = &call;
  pthread_cond_broadcast(&c->changed);
  while (c->call != NULL) pthread_cond_wait(&c->changed, &c->mutex);
  pthread_mutex_unlock(&c->mutex);
  return call.result;
}
