package dev.rivulet.jdbc;

import dev.rivulet.sqlite.LastError;
import java.sql.SQLException;

/** Gives the exceptions of SQLite, which know only a code, the reason that the VFS had. */
final class Explained {
  private Explained() {}

  @FunctionalInterface
  interface Call<T> {
    T run() throws SQLException;
  }

  /** Runs a call into SQLite on this thread. */
  static <T> T call(Call<T> call) throws SQLException {
    LastError.clear();
    try {
      return call.run();
    } catch (SQLException e) {
      String reason = LastError.message();
      if (reason == null) {
        throw e;
      }
      throw new SQLException(reason, e.getSQLState(), e.getErrorCode(), e);
    }
  }
}
