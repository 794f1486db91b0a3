/*
** SQL functions: litestream_NAME([schema]) asks what PRAGMA schema.litestream_NAME asks, as a
** value with a type. They exist on every connection, because any may ATTACH a replica.
*/
#include "shim.h"

#include <string.h>

/* The replica's file behind a schema of this connection, or NULL. */
static ReplicaFile *replica_of(const Registration *r, sqlite3 *db, const char *schema) {
  SQLITE_OF(r);
  sqlite3_file *file = NULL;
  if (sqlite3_file_control(db, schema, SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK) return NULL;
  return file != NULL && file->pMethods == &REPLICA_METHODS ? (ReplicaFile *)file : NULL;
}

static void call(const Registration *r, sqlite3_context *context, int argc, sqlite3_value **argv) {
  SQLITE_OF(r);
  const char *name = sqlite3_user_data(context);
  const char *schema = "main";
  if (argc == 1) schema = (const char *)sqlite3_value_text(argv[0]);
  if (schema == NULL) {
    sqlite3_result_error(context, "the schema's name is NULL; give 'main' or the name in ATTACH ... AS", -1);
    return;
  }
  ReplicaFile *file = replica_of(r, sqlite3_context_db_handle(context), schema);
  if (file == NULL) {
    char *message = sqlite3_mprintf("%s: schema '%s' is not a replica opened with vfs=" VFS_NAME, name, schema);
    if (message == NULL) sqlite3_result_error_nomem(context);
    else sqlite3_result_error(context, message, -1);
    sqlite3_free(message);
    return;
  }
  char *text = NULL;
  int rc = java_property(file, name, NULL, &text);
  if (rc == SQLITE_OK) {
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
  static const char *const names[] = {"litestream_txid", "litestream_time", "litestream_status", "litestream_stats"};
  SQLITE_OF(r);
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    for (int argc = 0; argc <= 1; argc++) {
      /*
      ** Not DETERMINISTIC: the answer follows the view. DIRECTONLY: what a replica is doing is the
      ** application's business, not that of a schema's views and triggers, which came from afar.
      ** A failure leaves the connection without the function, and otherwise whole.
      */
      sqlite3_create_function_v2(db, names[i], argc, SQLITE_UTF8 | SQLITE_DIRECTONLY, (void *)names[i],
                                 CALLS[r->index], NULL, NULL, NULL);
    }
  }
}
