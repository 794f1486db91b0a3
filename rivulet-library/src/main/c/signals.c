/*
** Signals belong to the host; the JVM needs the fault signals for everyday work (safepoints, null
** checks), which the host may want for its own ends.
**
** Our handler stands before the JVM's. A fault that is not the JVM's then is what it would be
** without us: the host's handler sees it (Python's faulthandler), or the process ends by the
** signal, and nothing is written to the host's standard output, where the JVM would report it.
**
** A host's handler from before the JVM is called by the JVM. One that is set later replaces ours and
** would take the JVM's everyday faults for crashes; so we look at each beginning of a transaction,
** and step before it again.
**
** It runs on a thread's alternate stack if that has one, which a host's handler that is called in the
** end may insist on (Go's does).
*/
#include "shim.h"

#include <dlfcn.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL};
enum { COUNT = sizeof FAULTS / sizeof *FAULTS };

static int (*jvm_handles)(int, siginfo_t *, void *, int); /* NULL unless we made the JVM */
static struct sigaction ours[COUNT];
static struct sigaction hosts[COUNT]; /* what the host set after us */
static atomic_int has_host[COUNT];
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;

static void on_fault(int signal, siginfo_t *info, void *context) {
  if (jvm_handles(signal, info, context, 0)) return;
  for (int i = 0; i < COUNT; i++) {
    /* Once: such a handler may put back what it found, which is us, and raise the signal again. */
    if (FAULTS[i] == signal && atomic_exchange(&has_host[i], 0)) {
      if (hosts[i].sa_flags & SA_SIGINFO) hosts[i].sa_sigaction(signal, info, context);
      else hosts[i].sa_handler(signal);
      return;
    }
  }
  struct sigaction end = {.sa_handler = SIG_DFL};
  sigaction(signal, &end, NULL);
  if (info->si_code <= 0) raise(signal); /* sent, not caused: returning would not repeat it */
}

static int is_handler(const struct sigaction *action) {
  return (action->sa_flags & SA_SIGINFO) || (action->sa_handler != SIG_DFL && action->sa_handler != SIG_IGN);
}

void signals_note_jvm(void *libjvm) {
  /* HotSpot exports it for handlers that stand before its own; another VM may not. */
  *(void **)&jvm_handles = dlsym(libjvm, "JVM_handle_linux_signal");
  if (jvm_handles == NULL) return;
  for (int i = 0; i < COUNT; i++) {
    sigaction(FAULTS[i], NULL, &ours[i]); /* the JVM's mask, flags and use of an alternate stack */
    ours[i].sa_sigaction = on_fault;
    ours[i].sa_flags |= SA_SIGINFO | SA_ONSTACK;
    sigaction(FAULTS[i], &ours[i], NULL);
  }
}

void signals_of_java(sigset_t *blocked) {
  sigfillset(blocked);
  for (int i = 0; i < COUNT; i++) sigdelset(blocked, FAULTS[i]);
  sigdelset(blocked, SIGTRAP);
  sigdelset(blocked, SIGABRT);
}

void signals_of_host(sigset_t *blocked) {
  for (int i = 0; i < COUNT; i++) sigdelset(blocked, FAULTS[i]);
  pthread_sigmask(SIG_SETMASK, blocked, NULL);
}

void signals_guard(void) {
  struct sigaction now;
  if (jvm_handles == NULL || sigaction(SIGSEGV, NULL, &now) != 0 || now.sa_sigaction == on_fault) return;
  pthread_mutex_lock(&mutex);
  for (int i = 0; i < COUNT; i++) {
    if (sigaction(FAULTS[i], NULL, &now) != 0 || now.sa_sigaction == on_fault) continue;
    if (is_handler(&now)) {
      hosts[i] = now;
      has_host[i] = 1;
    }
    sigaction(FAULTS[i], &ours[i], NULL);
  }
  pthread_mutex_unlock(&mutex);
}
