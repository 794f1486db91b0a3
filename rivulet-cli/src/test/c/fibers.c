/*
** A host that runs SQLite on fibers: on stacks that are not its threads' own.
**   usage: fibers EXTENSION THREADS
*/
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <ucontext.h>

enum { ROUNDS = 3, STACK = 256 << 10, MOST_THREADS = 16 };

typedef struct Work {
  ucontext_t thread, fiber;
  sqlite3 *db; /* used on the thread's own stack and on the fiber's */
} Work;

static void expect(sqlite3 *db, const char *sql, const char *value) {
  sqlite3_stmt *statement = NULL;
  int rc = sqlite3_prepare_v2(db, sql, -1, &statement, NULL);
  if (rc == SQLITE_OK) rc = sqlite3_step(statement);
  const char *found = rc == SQLITE_ROW ? (const char *)sqlite3_column_text(statement, 0) : sqlite3_errmsg(db);
  if (strcmp(found, value) != 0) printf("%s: %s\n", sql, found);
  sqlite3_finalize(statement);
}

static sqlite3 *open_replica(void) {
  sqlite3 *db = NULL;
  int rc = sqlite3_open_v2("file:my.db?vfs=litestream", &db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL);
  if (rc != SQLITE_OK) printf("open: %s\n", sqlite3_errmsg(db));
  return db;
}

static void use(sqlite3 *db) {
  expect(db, "SELECT count(*) FROM t", "20000");
  expect(db, "PRAGMA litestream_txid", "0000000000000001");
  expect(db, "SELECT count(*) FROM litestream_history", "1");
}

static void on_fiber(unsigned high, unsigned low) {
  Work *w = (Work *)((unsigned long)high << 32 | low);
  if (w->db == NULL) w->db = open_replica(); /* the first that this thread has to do with Java */
  use(w->db);
  sqlite3 *other = open_replica();
  use(other);
  sqlite3_close(other);
}

static void *work(void *unused) {
  (void)unused;
  Work w = {.db = NULL};
  char *stack = malloc(STACK);
  for (int i = 0; i < ROUNDS; i++) {
    getcontext(&w.fiber);
    w.fiber.uc_stack.ss_sp = stack;
    w.fiber.uc_stack.ss_size = STACK;
    w.fiber.uc_link = &w.thread;
    unsigned long address = (unsigned long)&w;
    makecontext(&w.fiber, (void (*)(void))on_fiber, 2, (unsigned)(address >> 32), (unsigned)address);
    swapcontext(&w.thread, &w.fiber);
    use(w.db);
  }
  sqlite3_close(w.db);
  free(stack);
  return NULL;
}

int main(int count, char **arguments) {
  pthread_t threads[MOST_THREADS];
  int n = count == 3 ? atoi(arguments[2]) : 0;
  sqlite3 *db = NULL;
  char *message = NULL;
  if (n > MOST_THREADS) return 2;
  sqlite3_open(":memory:", &db);
  sqlite3_enable_load_extension(db, 1);
  if (sqlite3_load_extension(db, arguments[1], NULL, &message) != SQLITE_OK) {
    printf("%s\n", message);
    return 1;
  }
  if (n == 0) work(NULL); /* the main thread, whose stack is told in another way */
  for (int i = 0; i < n; i++) pthread_create(&threads[i], NULL, work, NULL);
  for (int i = 0; i < n; i++) pthread_join(threads[i], NULL);
  puts("done");
  return 0;
}
