package dev.rivulet.sqlite;

/** The result codes of SQLite that this VFS answers with (sqlite3.h). */
final class ResultCode {
  static final int OK = 0;
  static final int ERROR = 1;
  static final int NOMEM = 7;
  static final int READONLY = 8;
  static final int INTERRUPT = 9;
  static final int CANTOPEN = 14;
  static final int WARNING = 28;
  static final int IOERR_READ = 10 | 1 << 8;
  static final int IOERR_SHORT_READ = 10 | 2 << 8;
  static final int IOERR_FSTAT = 10 | 7 << 8;
  static final int IOERR_LOCK = 10 | 15 << 8;

  private ResultCode() {}
}
