/*
** SQL functions: litestream_NAME([schema]) asks what PRAGMA schema.litestream_NAME asks, as a
** value with a type, and when the statement is executed, where a pragma runs when it is prepared.
** They exist on every connection, because any may ATTACH a replica.
*/
#include "shim.h"

#include <stdlib.h>

typedef struct Function {
  const char *name;
  const char *property; /* what Java calls it */
  const char *missing;  /* of a setter, whose first argument is the value: what to say of NULL */
  int is_integer;
} Function;

static const Function FUNCTIONS[] = {
    {"litestream_txid", "litestream_txid", NULL, 0},
    {"litestream_time", "litestream_time", NULL, 0},
    {"litestream_lag", "litestream_lag", NULL, 1},
    {"litestream_status", "litestream_status", NULL, 0},
    {"litestream_stats", "litestream_stats", NULL, 0},
    {"litestream_refresh", "refresh", NULL, 0},
    {"litestream_hydration_progress", "litestream_hydration_progress", NULL, 0},
    {"litestream_hydration_file", "litestream_hydration_file", NULL, 0},
    {"litestream_hydration_wait", "hydration_wait",
     "time to wait required: litestream_hydration_wait(30), in seconds, or '1m30s'", 1},
    {"litestream_set_time", "litestream_time",
     "timestamp required: litestream_set_time('5 minutes ago'), or 'LATEST' to follow again", 0},
    {"litestream_set_txid", "litestream_txid",
     "TXID required: litestream_set_txid('0000000000000a01'), or 'LATEST' to follow again", 0},
};

ReplicaFile *replica_of(const Registration *r, sqlite3 *db, const char *schema) {
  SQLITE_OF(r);
  sqlite3_file *file = NULL;
  if (sqlite3_file_control(db, schema, SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return NULL;
  return file != NULL && file->pMethods == &REPLICA_METHODS ? (ReplicaFile *)file : NULL;
}

static void call(const Registration *r, sqlite3_context *context, int argc, sqlite3_value **argv) {
  SQLITE_OF(r);
  const Function *function = sqlite3_user_data(context);
  int values = function->missing != NULL ? 1 : 0;
  const char *value = values == 0 ? NULL : (const char *)sqlite3_value_text(argv[0]);
  const char *schema = argc == values ? "main" : (const char *)sqlite3_value_text(argv[values]);
  if (values > 0 && value == NULL) {
    sqlite3_result_error(context, function->missing, -1);
    return;
  }
  if (schema == NULL) {
    sqlite3_result_error(context, "the schema's name is NULL; give 'main' or the name in ATTACH ... AS", -1);
    return;
  }
  ReplicaFile *file = replica_of(r, sqlite3_context_db_handle(context), schema);
  char *text = NULL;
  int rc = SQLITE_ERROR;
  if (file == NULL) text = sqlite3_mprintf(NO_REPLICA, function->name, schema);
  else rc = java_property(file, function->property, value, &text);
  if (rc == SQLITE_OK && function->is_integer) {
    sqlite3_result_int64(context, strtoll(text, NULL, 10));
  } else if (rc == SQLITE_OK) {
    sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
  } else {
    if (text != NULL) sqlite3_result_error(context, text, -1);
    sqlite3_result_error_code(context, rc);
  }
  sqlite3_free(text);
}

/*
** A function learns nothing but its context, and asking a context anything needs the function
** table of the very copy of SQLite that calls. So each copy has a C function of its own.
*/
#define CALL_FROM(i)                                                           \
  static void call_##i(sqlite3_context *context, int argc, sqlite3_value **argv) { \
    call(registration_at(i), context, argc, argv);                             \
  }
CALL_FROM(0)
CALL_FROM(1)
CALL_FROM(2)
CALL_FROM(3)
static void (*const CALLS[MAX_REGISTRATIONS])(sqlite3_context *, int, sqlite3_value **) = {call_0, call_1, call_2, call_3};

void functions_register(sqlite3 *db, const Registration *r) {
  SQLITE_OF(r);
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
    int values = FUNCTIONS[i].missing != NULL ? 1 : 0;
    for (int argc = values; argc <= values + 1; argc++) {
      /*
      ** Not DETERMINISTIC: the answer follows the view. DIRECTONLY: what a replica is doing is the
      ** application's business, not that of a schema's views and triggers, which came from afar.
      ** A failure leaves the connection without the function, and otherwise whole.
      */
      sqlite3_create_function_v2(db, FUNCTIONS[i].name, argc, SQLITE_UTF8 | SQLITE_DIRECTONLY,
                                 (void *)&FUNCTIONS[i], CALLS[r->index], NULL, NULL, NULL);
    }
  }
}
