/*
** PRAGMA litestream_NAME, asked or set.
**
** SQLite runs a pragma of a VFS while it prepares the statement, which then holds the answer as a
** constant. A host that keeps prepared statements (Python's sqlite3 keeps 128) would run the second
** PRAGMA litestream_time = 'T' not at all, and go on reading whatever state the connection is at,
** with T's answer in its hand. So every change of a setting expires the prepared statements of the
** connection: the next use of each prepares it again, and thereby runs a pragma again.
**
** That is true of the pragma's own statement too. Its first step prepares it once more, at once; this
** second time it gets the answer of the first, and changes nothing.
*/
#include "shim.h"

#include <string.h>

/* Statements of the connection that have begun and not ended. */
static int under_way(const Registration *r, sqlite3 *db) {
  SQLITE_OF(r);
  int count = 0;
  for (sqlite3_stmt *s = sqlite3_next_stmt(db, NULL); s != NULL; s = sqlite3_next_stmt(db, s)) {
    count += sqlite3_stmt_busy(s);
  }
  return count;
}

/*
** Any change of the connection's switches expires its statements, so one is turned and turned back,
** all under the connection's mutex, which whoever called us holds. Not while other statements are under
** way: SQLite may abort an expired one in its middle.
*/
static int expire(ReplicaFile *f, const char *name, int expected_under_way, char **text) {
  SQLITE_OF(f->registration);
  sqlite3 *db = *f->db;
  if (under_way(f->registration, db) > expected_under_way) {
    *text = sqlite3_mprintf("%s: other statements of this connection are under way; finish or reset them first", name);
    return SQLITE_ERROR;
  }
  int on = 0;
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, -1, &on);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, !on, NULL);
  sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_QPSG, on, NULL);
  return SQLITE_OK;
}

void pragma_forget(ReplicaFile *f) {
  SQLITE_OF(f->registration);
  sqlite3_free(f->pragma);
  sqlite3_free(f->answer);
  f->pragma = f->answer = NULL;
}

static int set_by_pragma(ReplicaFile *f, char **argument) {
  SQLITE_OF(f->registration);
  char *pragma = sqlite3_mprintf("%s=%s", argument[1], argument[2]);
  if (pragma == NULL) return SQLITE_NOMEM;
  if (f->pragma != NULL && f->answer != NULL && strcmp(f->pragma, pragma) == 0) {
    argument[0] = f->answer;
    f->answer = NULL;
    sqlite3_free(pragma);
    pragma_forget(f);
    return SQLITE_OK;
  }
  pragma_forget(f);
  int rc = expire(f, argument[1], 0, &argument[0]);
  if (rc == SQLITE_OK) rc = java_property(f, argument[1], argument[2], &argument[0]);
  if (rc != SQLITE_OK) {
    sqlite3_free(pragma);
    return rc;
  }
  f->pragma = pragma;
  f->answer = sqlite3_mprintf("%s", argument[0]);
  f->set_by_pragma = 1;
  return SQLITE_OK;
}

int pragma_run(ReplicaFile *f, char **argument) {
  SQLITE_OF(f->registration);
  if (sqlite3_strnicmp(argument[1], "litestream_", 11) != 0) return SQLITE_NOTFOUND;
  if (argument[2] != NULL && f->db != NULL) return set_by_pragma(f, argument);
  return java_property(f, argument[1], argument[2], &argument[0]);
}

int set_by_function(ReplicaFile *f, const char *name, const char *property, const char *value, char **text) {
  pragma_forget(f);
  /* The one statement that may be under way is the function's own. */
  int rc = f->set_by_pragma ? expire(f, name, 1, text) : SQLITE_OK;
  return rc == SQLITE_OK ? java_property(f, property, value, text) : rc;
}
