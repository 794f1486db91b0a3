/*
 * A host of SQLite that costs as little as one can: what is measured in it is SQLite and the VFS
 * below it. It reads commands from standard input, a line each, and ends each answer with a line of
 * one dot; whatever fails ends it with a sentence on standard error.
 *
 *   load FILE                          loads an extension for all connections opened after it
 *   open NAME URI                      opens a connection, a name being one letter
 *   ask NAME SQL                       prints the rows
 *   wait NAME SECONDS                  until PRAGMA litestream_hydration_progress is 100.0
 *   scan NAME THREADS SQL              seconds; processor seconds; the first thread's answer
 *   keys NAME THREADS COUNT MOST SQL   COUNT executions in each thread, each with another random key
 *                                      of 1 to MOST as its parameter: the same, and a checksum
 *   memory                             VmHWM and RssAnon of the process, in KiB
 *
 * A single thread of scan and keys has the connection of that name; several have a connection of
 * their own each, to the same URI, opened before the clock starts. Each is used once before. Every execution is a transaction of its own.
 * With PROBE_UNCOUNTED in the environment SQLite keeps no count of its memory, which takes a lock.
 */
#include <pthread.h>
#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST_THREADS 16
/* As often as this is progress asked for: next to nothing for a processor, and no visible delay. */
#define POLL_NANOSECONDS 2000000L

static char uris[128][4096];
static sqlite3 *connections[128];

static void fail(const char *what, sqlite3 *db) {
  const char *file = db ? sqlite3_db_filename(db, "main") : NULL;
  fprintf(stderr, "probe: %s: %s: %s\n", file ? file : "", what, db ? sqlite3_errmsg(db) : "");
  exit(1);
}

static double read_clock(clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double now(void) { return read_clock(CLOCK_MONOTONIC); }

static sqlite3 *open_uri(const char *uri) {
  sqlite3 *db = NULL;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX;
  if (sqlite3_open_v2(uri, &db, flags, NULL) != SQLITE_OK) fail(uri, db);
  return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql) {
  sqlite3_stmt *statement = NULL;
  if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK) fail(sql, db);
  return statement;
}

static void load(const char *file) {
  sqlite3 *db = open_uri(":memory:");
  char *error = NULL;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
  if (sqlite3_load_extension(db, file, NULL, &error) != SQLITE_OK) fail(error ? error : file, db);
  sqlite3_close(db);
}

/* Prints the rows, their columns apart by bars. */
static void ask(sqlite3 *db, const char *sql, FILE *out) {
  sqlite3_stmt *statement = prepare(db, sql);
  int status;
  while ((status = sqlite3_step(statement)) == SQLITE_ROW) {
    for (int i = 0; i < sqlite3_column_count(statement); i++) {
      const unsigned char *text = sqlite3_column_text(statement, i);
      fprintf(out, "%s%s", i ? "|" : "", text ? (const char *)text : "");
    }
    fputc('\n', out);
  }
  if (status != SQLITE_DONE) fail(sql, db);
  sqlite3_finalize(statement);
}

static void wait_for(sqlite3 *db, double seconds) {
  double deadline = now() + seconds;
  for (;;) {
    sqlite3_stmt *statement = prepare(db, "PRAGMA litestream_hydration_progress");
    int complete = sqlite3_step(statement) == SQLITE_ROW &&
                   strcmp((const char *)sqlite3_column_text(statement, 0), "100.0") == 0;
    sqlite3_finalize(statement);
    if (complete) return;
    if (now() > deadline) fail("hydration is not complete in time", db);
    nanosleep(&(struct timespec){0, POLL_NANOSECONDS}, NULL);
  }
}

typedef struct {
  pthread_t thread;
  pthread_barrier_t *start;
  const char *uri, *sql;
  sqlite3 *lent; /* or NULL */
  long count, most;
  uint64_t random, sum;
  double end, processor;
  char *answer;
  size_t length;
} Reader;

/* Marsaglia's xorshift: the same keys for whoever is measured. */
static uint64_t next(uint64_t *state) {
  *state ^= *state << 13;
  *state ^= *state >> 7;
  *state ^= *state << 17;
  return *state;
}

static void one_key(Reader *reader, sqlite3 *db, sqlite3_stmt *statement) {
  sqlite3_bind_int64(statement, 1, (sqlite3_int64)(next(&reader->random) % (uint64_t)reader->most) + 1);
  int status = sqlite3_step(statement);
  if (status == SQLITE_ROW) {
    int last = sqlite3_column_count(statement) - 1;
    const unsigned char *text = sqlite3_column_text(statement, last);
    reader->sum = reader->sum * 31 + (uint64_t)sqlite3_column_bytes(statement, last) + (text ? text[0] : 0);
  }
  if ((status != SQLITE_ROW && status != SQLITE_DONE) || sqlite3_reset(statement) != SQLITE_OK)
    fail(reader->sql, db);
}

static void *read_all(void *argument) {
  Reader *reader = argument;
  sqlite3 *db = reader->lent ? reader->lent : open_uri(reader->uri);
  sqlite3_stmt *statement = prepare(db, reader->count ? reader->sql : "SELECT * FROM sqlite_schema");
  if (reader->count) one_key(reader, db, statement);
  else sqlite3_step(statement), sqlite3_reset(statement);
  FILE *out = open_memstream(&reader->answer, &reader->length);
  pthread_barrier_wait(reader->start);
  double before = read_clock(CLOCK_THREAD_CPUTIME_ID);
  if (reader->count)
    for (long i = 0; i < reader->count; i++) one_key(reader, db, statement);
  else
    ask(db, reader->sql, out);
  reader->processor = read_clock(CLOCK_THREAD_CPUTIME_ID) - before;
  reader->end = now();
  fclose(out);
  sqlite3_finalize(statement);
  if (!reader->lent) sqlite3_close(db);
  return NULL;
}

static void read_in_threads(int name, int threads, long count, long most, const char *sql) {
  Reader readers[MOST_THREADS] = {0};
  pthread_barrier_t start;
  if (threads < 1 || threads > MOST_THREADS) fail("too many threads", NULL);
  pthread_barrier_init(&start, NULL, (unsigned)threads + 1);
  for (int i = 0; i < threads; i++) {
    readers[i] = (Reader){.start = &start, .uri = uris[name], .sql = sql,
                          .lent = threads == 1 ? connections[name] : NULL, .count = count, .most = most,
                          .random = 0x9E3779B97F4A7C15u * (uint64_t)(i + 1)};
    if (pthread_create(&readers[i].thread, NULL, read_all, &readers[i])) fail("no thread", NULL);
  }
  pthread_barrier_wait(&start);
  double begin = now(), end = begin, processor = 0;
  for (int i = 0; i < threads; i++) {
    pthread_join(readers[i].thread, NULL);
    processor += readers[i].processor;
    if (readers[i].end > end) end = readers[i].end;
  }
  printf("%.9f\n%.9f\n", end - begin, processor);
  if (count) printf("%llx\n", (unsigned long long)readers[0].sum);
  else fputs(readers[0].answer, stdout);
  for (int i = 0; i < threads; i++) free(readers[i].answer);
  pthread_barrier_destroy(&start);
}

static void memory(void) {
  FILE *status = fopen("/proc/self/status", "r");
  char line[256];
  while (status && fgets(line, sizeof line, status))
    if (!strncmp(line, "VmHWM:", 6) || !strncmp(line, "RssAnon:", 8)) printf("%ld\n", atol(strchr(line, ':') + 1));
  if (status) fclose(status);
}

/* Cuts the next word off. */
static char *word(char **rest) {
  char *at = strsep(rest, " ");
  if (!at) fail("a command lacks an argument", NULL);
  return at;
}

int main(void) {
  if (getenv("PROBE_UNCOUNTED")) sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  char *line = NULL;
  size_t capacity = 0;
  ssize_t length;
  while ((length = getline(&line, &capacity, stdin)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *rest = line, *command = word(&rest);
    if (!strcmp(command, "load")) {
      load(rest);
    } else if (!strcmp(command, "memory")) {
      memory();
    } else {
      int name = word(&rest)[0] & 127;
      if (!strcmp(command, "open")) {
        snprintf(uris[name], sizeof uris[name], "%s", rest);
        connections[name] = open_uri(rest);
      } else if (!strcmp(command, "ask")) {
        ask(connections[name], rest, stdout);
      } else if (!strcmp(command, "wait")) {
        wait_for(connections[name], atof(rest));
      } else if (!strcmp(command, "scan")) {
        int threads = atoi(word(&rest));
        read_in_threads(name, threads, 0, 0, rest);
      } else if (!strcmp(command, "keys")) {
        int threads = atoi(word(&rest));
        long count = atol(word(&rest)), most = atol(word(&rest));
        read_in_threads(name, threads, count, most, rest);
      } else {
        fail("unknown command", NULL);
      }
    }
    puts(".");
    fflush(stdout);
  }
  for (int i = 0; i < 128; i++) sqlite3_close(connections[i]);
  free(line);
  return 0;
}
