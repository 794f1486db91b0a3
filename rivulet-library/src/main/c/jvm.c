/*
** Finds a Java runtime and creates the JVM, or finds the JVM that the process has already.
**
** The distribution is one folder: litestream.so, runtime/ and lib/. It is found by where this
** library lies, through symbolic links. The JVM's options are a file of it, lib/jvm.options, so
** that the AOT cache is trained with the very options that it is used with.
*/
#include "shim.h"

#include <ctype.h>
#include <dlfcn.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define OLDEST_JAVA 25
#define MAX_OPTIONS 64
#define LEAST_HEAP (8ull << 20) /* the JVM 25 with its AOT cache starts with 4 MiB and not with 2 */

static char library[PATH_MAX]; /* this file; empty if it cannot be told */

void jvm_note_folder(void) {
  Dl_info info;
  if (library[0] == 0 && dladdr(library, &info) && realpath(info.dli_fname, library) == NULL) library[0] = 0;
}

/* Appends to a message, which is cut where it does not fit. */
__attribute__((format(printf, 3, 4))) static void append(char *message, size_t capacity, const char *format, ...) {
  size_t used = strlen(message);
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(message + used, capacity - used, format, arguments);
  va_end(arguments);
}

/* The feature version in HOME/release (JAVA_VERSION="25.0.3"), 0 if it cannot be told. */
static int java_version(const char *home) {
  char path[PATH_MAX + 16], line[512];
  snprintf(path, sizeof path, "%s/release", home);
  FILE *file = fopen(path, "re");
  int version = 0;
  if (file == NULL) return 0;
  while (version == 0 && fgets(line, sizeof line, file) != NULL) {
    if (sscanf(line, "JAVA_VERSION=\"%d", &version) != 1) version = 0;
  }
  fclose(file);
  return version;
}

/* libjvm.so of a runtime, opened; or NULL, and the message has one more reason. */
static void *open_runtime(const char *home, const char *what, char *message, size_t capacity) {
  char path[PATH_MAX + 32];
  snprintf(path, sizeof path, "%s/lib/server/libjvm.so", home);
  if (access(path, R_OK) != 0) {
    append(message, capacity, " %s: there is no %s.", what, path);
    return NULL;
  }
  int version = java_version(home);
  if (version < OLDEST_JAVA) {
    if (version == 0) append(message, capacity, " %s: %s/release does not tell its version.", what, home);
    else append(message, capacity, " %s: %s is Java %d.", what, home, version);
    return NULL;
  }
  /* RTLD_LOCAL: no host symbol is shadowed. The JDK's other libraries find it by its soname. */
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL) append(message, capacity, " %s: %s.", what, dlerror());
  return handle;
}

/* One option: the line's text with every {dir} replaced. NULL if there is no memory. */
static char *expand(const char *line, const char *dir) {
  size_t n = strlen(line) + 1;
  for (const char *p = line; (p = strstr(p, "{dir}")) != NULL; p += 5) n += strlen(dir);
  char *option = malloc(n), *out = option;
  if (option == NULL) return NULL;
  for (const char *p; (p = strstr(line, "{dir}")) != NULL; line = p + 5) {
    memcpy(out, line, (size_t)(p - line));
    out = stpcpy(out + (p - line), dir);
  }
  strcpy(out, line);
  return option;
}

/* Reads DIR/lib/jvm.options: one option a line; empty lines and those that begin with # are not. */
static int read_options(const char *dir, JavaVMOption *options, char *message, size_t capacity) {
  char path[PATH_MAX + 32], line[PATH_MAX + 256];
  snprintf(path, sizeof path, "%s/lib/jvm.options", dir);
  FILE *file = fopen(path, "re");
  if (file == NULL) {
    append(message, capacity,
           "%s is missing: litestream.so must stay in the folder of the distribution (a symbolic link to it may "
           "lie anywhere)", path);
    return -1;
  }
  int count = 0;
  while (count < MAX_OPTIONS - 1 && fgets(line, sizeof line, file) != NULL) {
    size_t length = strcspn(line, "\r\n");
    while (length > 0 && isspace((unsigned char)line[length - 1])) length--;
    line[length] = 0;
    if (length == 0 || line[0] == '#') continue;
    options[count].extraInfo = NULL;
    options[count].optionString = expand(line, dir);
    if (options[count].optionString != NULL) count++;
  }
  fclose(file);
  return count;
}

/* The bytes of an option's size, as 256m; 0 if it is none. */
static unsigned long long size_of(const char *text) {
  char *unit;
  unsigned long long n = strtoull(text, &unit, 10);
  switch (tolower((unsigned char)*unit)) {
    case 'g': return n << 30;
    case 'm': return n << 20;
    case 'k': return n << 10;
    case 0: return n;
    default: return 0;
  }
}

/* A heap that is too small for the JVM's start, or a largest below the first, is no error to it: it ends the
** process. The last of several options counts, to the JVM as here. */
static int check_heap(const char *dir, const JavaVMOption *options, int count, char *message, size_t capacity) {
  const char *first = "-Xms8m", *most = "-Xmx256m";
  for (int i = 0; i < count; i++) {
    if (strncmp(options[i].optionString, "-Xms", 4) == 0) first = options[i].optionString;
    if (strncmp(options[i].optionString, "-Xmx", 4) == 0) most = options[i].optionString;
  }
  if (size_of(first + 4) >= LEAST_HEAP && size_of(most + 4) >= size_of(first + 4)) return 0;
  append(message, capacity,
         "the Java VM would not start with %s and %s: the first must be at least 8m, the second no less than the "
         "first; they are in %s/lib/jvm.options", first, most, dir);
  return -1;
}

static int create(const char *dir, void *libjvm, JavaVM **vm, JNIEnv **env, char *message, size_t capacity) {
  jint (*create_vm)(JavaVM **, void **, void *) = NULL;
  *(void **)&create_vm = dlsym(libjvm, "JNI_CreateJavaVM");
  if (create_vm == NULL) {
    append(message, capacity, "the Java runtime has no JNI_CreateJavaVM");
    return -1;
  }
  JavaVMOption options[MAX_OPTIONS];
  int count = read_options(dir, options, message, capacity);
  if (count < 0) return -1;
  if (check_heap(dir, options, count, message, capacity) != 0) {
    for (int i = 0; i < count; i++) free(options[i].optionString);
    return -1;
  }
  char own_path[PATH_MAX + 32];
  snprintf(own_path, sizeof own_path, "-Drivulet.library=%s", library);
  options[count].optionString = own_path;
  options[count].extraInfo = NULL;
  JavaVMInitArgs arguments = {JNI_VERSION_1_8, count + 1, options, JNI_FALSE};
  /*
  ** The JVM makes SIGPIPE and SIGXFSZ harmless; "sqlite3 ... | head" wants them as they were. SIGUSR2 it
  ** takes to suspend threads, which only a profiler that is attached does, and options keep those away.
  */
  const int taken[] = {SIGPIPE, SIGXFSZ, SIGUSR2};
  enum { TAKEN = sizeof taken / sizeof *taken };
  struct sigaction hosts[TAKEN];
  for (int i = 0; i < TAKEN; i++) sigaction(taken[i], NULL, &hosts[i]);
  jint rc = create_vm(vm, (void **)env, &arguments);
  for (int i = 0; i < TAKEN; i++) sigaction(taken[i], &hosts[i], NULL);
  for (int i = 0; i < count; i++) free(options[i].optionString);
  if (rc == JNI_OK) {
    signals_note_jvm(libjvm);
    return 0;
  }
  append(message, capacity, "the Java VM could not be created (JNI error %d%s); its options are in %s/lib/jvm.options",
         (int)rc, rc == JNI_ENOMEM ? ", out of memory" : "", dir);
  return -1;
}

/* The JVM of a process that has one: a Java program, or Python with a Java bridge. */
int jvm_find(JavaVM **vm) {
  void *libjvm = dlopen("libjvm.so", RTLD_LAZY | RTLD_NOLOAD);
  if (libjvm == NULL) return 0;
  jint (*created_vms)(JavaVM **, jsize, jsize *) = NULL;
  *(void **)&created_vms = dlsym(libjvm, "JNI_GetCreatedJavaVMs");
  jsize count = 0;
  int found = created_vms != NULL && created_vms(vm, 1, &count) == JNI_OK && count > 0;
  dlclose(libjvm);
  return found;
}

int jvm_create(JavaVM **vm, JNIEnv **env, char *message, size_t capacity) {
  message[0] = 0;
  char dir[PATH_MAX], home[PATH_MAX + 16];
  strcpy(dir, library);
  char *slash = strrchr(dir, '/');
  if (slash == NULL) {
    append(message, capacity, "the extension cannot tell from which file it was loaded");
    return -1;
  }
  *slash = 0;
  if (strchr(dir, ':') != NULL) {
    append(message, capacity, "the folder %s has a ':' in its name, which Java takes for a separator: rename it", dir);
    return -1;
  }
  append(message, capacity, "no Java %d runtime to open replicas with.", OLDEST_JAVA);
  snprintf(home, sizeof home, "%s/runtime", dir);
  void *libjvm = open_runtime(home, "Beside the extension", message, capacity);
  if (libjvm == NULL) {
    const char *java_home = getenv("JAVA_HOME");
    if (java_home == NULL || *java_home == 0) {
      append(message, capacity, " JAVA_HOME is not set.");
    } else {
      libjvm = open_runtime(java_home, "By JAVA_HOME", message, capacity);
    }
  }
  if (libjvm == NULL) {
    append(message, capacity, " Unpack the whole distribution, or set JAVA_HOME to a Java %d or later.", OLDEST_JAVA);
    return -1;
  }
  message[0] = 0;
  return create(dir, libjvm, vm, env, message, capacity);
}
