/*
** SELECT * FROM litestream_history([mode [, schema]]): what states of a replica can be restored. An
** eponymous virtual table, on every connection, as the functions are. Java makes the rows, as lines of
** fields with tabs between them, in the order of the columns; an empty field is NULL.
*/
#include "shim.h"

#include <stdlib.h>
#include <string.h>

enum { TXID, LEVEL, BYTES, UPLOADED, TIME, MODE, SCHEMA };
#define FIELDS MODE

static const char DECLARATION[] =
    "CREATE TABLE x(txid TEXT, level INTEGER, bytes INTEGER, uploaded TEXT, time TEXT, mode HIDDEN, schema HIDDEN)";

typedef struct History {
  sqlite3_vtab base; /* first: SQLite sees only this */
  const Registration *registration;
  sqlite3 *db;
} History;

typedef struct Cursor {
  sqlite3_vtab_cursor base; /* first */
  char *mode, *schema;      /* the arguments, or NULL */
  char *rows;               /* what Java answered */
  const char *next;         /* in it, the line after the current one */
  sqlite3_int64 row;
  int eof;
  struct { const char *text; int length; } field[FIELDS];
} Cursor;

#define REGISTRATION_OF(cursor) ((History *)(cursor)->pVtab)->registration

static int history_connect(sqlite3 *db, void *registration, int argc, const char *const *argv, sqlite3_vtab **out,
                           char **message) {
  (void)argc; (void)argv; (void)message;
  SQLITE_OF((const Registration *)registration);
  int rc = sqlite3_declare_vtab(db, DECLARATION);
  if (rc != SQLITE_OK) return rc;
  /* As the functions: not for the views and triggers of a schema that came from afar. */
  sqlite3_vtab_config(db, SQLITE_VTAB_DIRECTONLY);
  History *history = sqlite3_malloc(sizeof *history);
  if (history == NULL) return SQLITE_NOMEM;
  *history = (History){.registration = registration, .db = db};
  *out = &history->base;
  return SQLITE_OK;
}

static int history_disconnect(sqlite3_vtab *table) {
  SQLITE_OF(((History *)table)->registration);
  sqlite3_free(table);
  return SQLITE_OK;
}

/* idxNum: 1 if argv has the mode, 2 if it has the schema after that. */
static int history_best_index(sqlite3_vtab *table, sqlite3_index_info *info) {
  (void)table;
  int at[2] = {-1, -1};
  for (int i = 0; i < info->nConstraint; i++) {
    int hidden = info->aConstraint[i].iColumn - MODE;
    if (hidden < 0 || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ) continue;
    if (!info->aConstraint[i].usable) return SQLITE_CONSTRAINT; /* an argument that comes from a later table */
    if (at[hidden] < 0) at[hidden] = i;
  }
  int arguments = 0;
  for (int hidden = 0; hidden < 2; hidden++) {
    if (at[hidden] < 0) continue;
    info->aConstraintUsage[at[hidden]].argvIndex = ++arguments;
    info->aConstraintUsage[at[hidden]].omit = 1; /* an argument may be NULL, which equals nothing */
    info->idxNum |= 1 << hidden;
  }
  /* Some thousand files; each call lists the store. */
  info->estimatedRows = 1000;
  info->estimatedCost = 1e6;
  return SQLITE_OK;
}

static int history_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out) {
  SQLITE_OF(((History *)table)->registration);
  Cursor *c = sqlite3_malloc(sizeof *c);
  if (c == NULL) return SQLITE_NOMEM;
  memset(c, 0, sizeof *c);
  *out = &c->base;
  return SQLITE_OK;
}

static void clear(const Registration *r, Cursor *c) {
  SQLITE_OF(r);
  sqlite3_free(c->mode);
  sqlite3_free(c->schema);
  sqlite3_free(c->rows);
  c->mode = c->schema = c->rows = NULL;
}

static int history_close(sqlite3_vtab_cursor *cursor) {
  const Registration *r = REGISTRATION_OF(cursor);
  SQLITE_OF(r);
  clear(r, (Cursor *)cursor);
  sqlite3_free(cursor);
  return SQLITE_OK;
}

static int history_next(sqlite3_vtab_cursor *cursor) {
  Cursor *c = (Cursor *)cursor;
  c->eof = *c->next == 0;
  c->row++;
  for (int i = 0; i < FIELDS; i++) {
    size_t length = strcspn(c->next, "\t\n");
    c->field[i].text = c->next;
    c->field[i].length = (int)length;
    c->next += length;
    if (*c->next != 0) c->next++;
  }
  return SQLITE_OK;
}

/* A copy of an argument; 0 if there is no memory for it. */
static int copy(const Registration *r, sqlite3_value *argument, char **to) {
  SQLITE_OF(r);
  const char *text = (const char *)sqlite3_value_text(argument);
  if (text == NULL) return sqlite3_value_type(argument) == SQLITE_NULL;
  *to = sqlite3_mprintf("%s", text);
  return *to != NULL;
}

static int history_filter(sqlite3_vtab_cursor *cursor, int given, const char *s, int argc, sqlite3_value **argv) {
  (void)s; (void)argc;
  Cursor *c = (Cursor *)cursor;
  History *history = (History *)cursor->pVtab;
  const Registration *r = history->registration;
  SQLITE_OF(r);
  clear(r, c);
  if ((given & 1) && !copy(r, *argv++, &c->mode)) return SQLITE_NOMEM;
  if ((given & 2) && !copy(r, *argv, &c->schema)) return SQLITE_NOMEM;
  const char *schema = c->schema != NULL ? c->schema : "main";
  char *text = NULL;
  int rc = SQLITE_ERROR;
  ReplicaFile *file = replica_of(r, history->db, schema);
  if (file != NULL) rc = java_property(file, "history", c->mode, &text);
  else text = sqlite3_mprintf(NO_REPLICA, "litestream_history", schema);
  if (rc != SQLITE_OK) {
    sqlite3_free(history->base.zErrMsg);
    history->base.zErrMsg = text; /* SQLite frees it */
    return rc;
  }
  c->rows = text;
  c->next = text;
  c->row = 0;
  return history_next(cursor);
}

static int history_eof(sqlite3_vtab_cursor *cursor) { return ((Cursor *)cursor)->eof; }

static int history_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column) {
  SQLITE_OF(REGISTRATION_OF(cursor));
  const Cursor *c = (const Cursor *)cursor;
  if (column == MODE || column == SCHEMA) {
    const char *argument = column == MODE ? c->mode : c->schema;
    if (argument != NULL) sqlite3_result_text(context, argument, -1, SQLITE_TRANSIENT);
  } else if (c->field[column].length == 0) {
    sqlite3_result_null(context);
  } else if (column == LEVEL || column == BYTES) {
    sqlite3_result_int64(context, strtoll(c->field[column].text, NULL, 10));
  } else {
    sqlite3_result_text(context, c->field[column].text, c->field[column].length, SQLITE_TRANSIENT);
  }
  return SQLITE_OK;
}

static int history_rowid(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row) {
  *row = ((Cursor *)cursor)->row;
  return SQLITE_OK;
}

/* No xCreate: it is there without CREATE VIRTUAL TABLE, which is refused. */
static const sqlite3_module HISTORY = {
    .xConnect = history_connect,
    .xBestIndex = history_best_index,
    .xDisconnect = history_disconnect,
    .xOpen = history_open,
    .xClose = history_close,
    .xFilter = history_filter,
    .xNext = history_next,
    .xEof = history_eof,
    .xColumn = history_column,
    .xRowid = history_rowid,
};

void history_register(sqlite3 *db, const Registration *r) {
  SQLITE_OF(r);
  sqlite3_create_module_v2(db, "litestream_history", &HISTORY, (void *)r, NULL);
}
