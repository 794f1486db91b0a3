/*
** The C shim: SQLite's structs on one side, JNI on the other. "Java decides, C moves bytes."
**
**   litestream.c  entry points, registration with SQLite, the VFS methods
**   file.c        the io methods of a replica's file, and its pragmas
**   functions.c   the SQL functions
**   history.c     the table-valued function litestream_history
**   calls.c       SQLite calls Java
**   ask.c         Java calls C
**   stacks.c      calls from stacks that Java cannot run on
**   java.c        the JVM: threads, fork, exit
**   jvm.c         finds a Java runtime and creates the JVM
**   signals.c     shares signals between the JVM and the host
**   report.c      messages that C itself has for the operator
**   pagefile.c    local files for Java, and pages of them for file.c
**   natives.c     LZ4 and memory for Java (nothing to do with SQLite)
**
** A process may hold several copies of SQLite (xerial's and the system's), and each has its own
** function table. So there is no global sqlite3_api: whoever calls SQLite says whose table it is,
** by SQLITE_OF(registration), which the macros of sqlite3ext.h then use. Forgetting it is a
** compile error.
*/
#ifndef RIVULET_SHIM_H
#define RIVULET_SHIM_H

#include "localpages.h"

#include <jni.h>
#include <signal.h>
#include <sqlite3ext.h>
#include <stddef.h>

#if SQLITE_VERSION_NUMBER < 3040000
#error "building needs the headers of SQLite 3.40 or later (it runs with 3.31 or later)"
#endif

#define VFS_NAME "litestream"

/* One copy of SQLite that has loaded us; for ever, as the extension is loaded permanently. */
typedef struct Registration {
  int index; /* among the registrations */
  const sqlite3_api_routines *api;
  int (*is_interrupted)(sqlite3 *); /* NULL before SQLite 3.41 */
  sqlite3_vfs *base;                /* the VFS that was default at load: local files */
  sqlite3_vfs vfs;                  /* ours; its pAppData is this struct */
} Registration;

/* System's, xerial's, and some to spare. functions.c has a C function for each. */
#define MAX_REGISTRATIONS 4

#define SQLITE_OF(registration) \
  const sqlite3_api_routines *const sqlite3_api = (registration)->api

/* The change counter and what follows it, which every transaction reads first. */
enum { CHANGE_OFFSET = 24, CHANGE_LENGTH = 16 };

/* An open replica, in memory that SQLite allotted (szOsFile). */
typedef struct ReplicaFile {
  sqlite3_file base; /* first: SQLite sees only this */
  Registration *registration;
  jobject java;      /* global reference to a dev.rivulet.sqlite.OpenFile */
  sqlite3 **db;      /* whose connection it is, kept current by SQLite; NULL until it says so */
  int lock;          /* SQLITE_LOCK_* */
  int begun;         /* Java knows of the transaction */
  /* What a transaction reads, said by Java when it begins. */
  const LocalPages *local; /* pages that C can read by itself; NULL if there are none */
  int64_t txid;
  int64_t lineage;
  int64_t bytes; /* of the database; 0 if Java is to be asked */
  /* Until then, in nanoseconds, and as long as nothing else is published, the next one reads the same. */
  const Publication *publication; /* NULL: Java is to be asked */
  int64_t seen;
  int64_t until;
  unsigned char change[CHANGE_LENGTH]; /* what SQLite looks at to see whether its cache is still good */
  int has_change;
} ReplicaFile;

/* file.c */
extern const sqlite3_io_methods REPLICA_METHODS;

/* litestream.c */
const Registration *registration_at(int index);

/* functions.c */
/* For sqlite3_mprintf: the function's name, the schema's. */
#define NO_REPLICA "%s: schema '%s' is not a replica opened with vfs=" VFS_NAME
/* The replica's file behind a schema of this connection, or NULL. */
ReplicaFile *replica_of(const Registration *registration, sqlite3 *db, const char *schema);
void functions_register(sqlite3 *db, const Registration *registration);

/* history.c */
void history_register(sqlite3 *db, const Registration *registration);

/* calls.c. Codes are SQLite's. Every failure has been reported before one is returned. */
int java_open(ReplicaFile *file, const char *name);
void java_close(ReplicaFile *file);
int java_read(ReplicaFile *file, void *to, int length, sqlite3_int64 offset);
int java_size(ReplicaFile *file, sqlite3_int64 *size);
int java_begin(ReplicaFile *file);
/* Tells Java of a transaction that C has begun by itself. */
int java_resume(ReplicaFile *file);
void java_end(ReplicaFile *file);
int java_refuse_write(ReplicaFile *file);
/*
** Asks for a named value ("litestream_txid"), or sets it (value not NULL). The text is
** sqlite3_malloc'ed: the value if SQLITE_OK, otherwise the message, which may be NULL.
*/
int java_property(ReplicaFile *file, const char *name, const char *value, char **text);

/* java.c */
/* Whether this process is a fork of the one whose JVM it was. */
int java_is_forked(void);

/* jvm.c */
/* Notes where this library lies, before the host changes its directory. At load. */
void jvm_note_folder(void);
/* The JVM that the process has already; 0 if it has none. */
int jvm_find(JavaVM **vm);
/* Creates the JVM. 0; or -1, and message says what was tried, and the cure. */
int jvm_create(JavaVM **vm, JNIEnv **env, char *message, size_t capacity);

/* signals.c */
/* Notes how the JVM that was just created handles faults. */
void signals_note_jvm(void *libjvm);
/* What a thread of Java's blocks: all that is meant for the host, and a broken pipe, which must not end that. */
void signals_of_java(sigset_t *blocked);
/* Blocks in a thread of the host what that had blocked before Java took part in it, but faults. */
void signals_of_host(sigset_t *blocked);
/* Sees to it that the JVM gets its faults, whatever the host has set since. One system call. */
void signals_guard(void);

/* report.c. One line to LITESTREAM_LOG_FILE or stderr, and to sqlite3_log if a copy is given. */
void report(const Registration *registration, int code, const char *message);

#endif
