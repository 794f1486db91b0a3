/*
** SIGSEGV, which the JVM uses in everyday work (safepoints, null checks).
**
** A host's handler that was there before the JVM is called by the JVM for what is not its own. One
** that a host sets later (Python's faulthandler.enable()) would take the JVM's everyday faults for
** crashes. So at each beginning of a transaction we look, and put ourselves before such a handler.
*/
#include "shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>

static int (*jvm_handles)(int, siginfo_t *, void *, int); /* NULL unless we made the JVM */
static struct sigaction jvms;   /* the JVM's own disposition */
static struct sigaction hosts;  /* that of the host, set after it */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void on_fault(int signal, siginfo_t *info, void *context) {
  if (jvm_handles(signal, info, context, 0)) return;
  if (hosts.sa_flags & SA_SIGINFO) {
    hosts.sa_sigaction(signal, info, context);
  } else {
    hosts.sa_handler(signal);
  }
}

void signals_note_jvm(void *libjvm) {
  /* Exported by HotSpot for this very purpose; another VM may not have it. */
  *(void **)&jvm_handles = dlsym(libjvm, "JVM_handle_linux_signal");
  if (jvm_handles != NULL) sigaction(SIGSEGV, NULL, &jvms);
}

void signals_guard(void) {
  struct sigaction now;
  if (jvm_handles == NULL || sigaction(SIGSEGV, NULL, &now) != 0) return;
  if (now.sa_sigaction == jvms.sa_sigaction || now.sa_sigaction == on_fault) return;
  if (!(now.sa_flags & SA_SIGINFO) && (now.sa_handler == SIG_DFL || now.sa_handler == SIG_IGN)) {
    sigaction(SIGSEGV, &jvms, NULL); /* a handler was taken away, and the JVM's with it */
    return;
  }
  pthread_mutex_lock(&mutex);
  hosts = now;
  struct sigaction both = jvms; /* its mask and alternate stack are what the JVM's part needs */
  both.sa_sigaction = on_fault;
  both.sa_flags = jvms.sa_flags | SA_SIGINFO | (now.sa_flags & SA_NODEFER);
  sigaction(SIGSEGV, &both, NULL);
  pthread_mutex_unlock(&mutex);
}
