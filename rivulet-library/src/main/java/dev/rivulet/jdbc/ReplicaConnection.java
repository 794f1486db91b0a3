package dev.rivulet.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.sqlite.SQLiteConnection;
import org.sqlite.jdbc4.JDBC4Connection;
import org.sqlite.jdbc4.JDBC4PreparedStatement;
import org.sqlite.jdbc4.JDBC4Statement;

/** xerial's connection to a replica. It is read-only; failures carry the reason the VFS had. */
final class ReplicaConnection extends JDBC4Connection implements RivuletConnection {
  ReplicaConnection(RivuletUrl url, Properties properties) throws SQLException {
    super(url.display(), url.sqliteName(), properties);
  }

  /**
   * A hint, as JDBC has it: the connection is read-only whatever is asked for. Pools ask for their
   * own default, which is false, and xerial would refuse them.
   */
  @Override
  public void setReadOnly(boolean readOnly) {}

  @Override
  public boolean isReadOnly() {
    return true;
  }

  @Override
  public Statement createStatement(int type, int concurrency, int holdability) throws SQLException {
    checkOpen();
    checkCursor(type, concurrency, holdability);
    return new ReplicaStatement(this);
  }

  @Override
  public PreparedStatement prepareStatement(String sql, int type, int concurrency, int holdability)
      throws SQLException {
    checkOpen();
    checkCursor(type, concurrency, holdability);
    return Explained.call(() -> new ReplicaPreparedStatement(this, sql));
  }

  @Override
  public String txid() throws SQLException {
    return ask("SELECT litestream_txid()");
  }

  @Override
  public String time() throws SQLException {
    return ask("SELECT litestream_time()");
  }

  @Override
  public long lagSeconds() throws SQLException {
    return Long.parseLong(ask("SELECT litestream_lag()"));
  }

  @Override
  public String status() throws SQLException {
    return ask("SELECT litestream_status()");
  }

  @Override
  public String refresh() throws SQLException {
    return ask("SELECT litestream_refresh()");
  }

  @Override
  public boolean awaitHydration(Duration timeout) throws SQLException {
    return ask("SELECT litestream_hydration_wait('" + timeout.toMillis() + "ms')").equals("1");
  }

  @Override
  public void awaitTxid(String txid, Duration timeout) throws SQLException {
    TxidWait.await(this, txid, timeout);
  }

  @Override
  public String travel(String time) throws SQLException {
    return ask("SELECT litestream_set_time(?)", time);
  }

  @Override
  public String travelToTxid(String txid) throws SQLException {
    return ask("SELECT litestream_set_txid(?)", txid);
  }

  @Override
  public String follow() throws SQLException {
    return travel("LATEST");
  }

  private String ask(String sql, String... arguments) throws SQLException {
    try (PreparedStatement statement = prepareStatement(sql)) {
      for (int i = 0; i < arguments.length; i++) {
        statement.setString(i + 1, arguments[i]);
      }
      try (ResultSet row = statement.executeQuery()) {
        row.next();
        return row.getString(1);
      }
    }
  }

  private static final class ReplicaStatement extends JDBC4Statement {
    ReplicaStatement(SQLiteConnection connection) {
      super(connection);
    }

    @Override
    public boolean execute(String sql) throws SQLException {
      return Explained.call(() -> super.execute(sql));
    }

    @Override
    public ResultSet executeQuery(String sql) throws SQLException {
      return Explained.call(() -> super.executeQuery(sql));
    }

    @Override
    public long executeLargeUpdate(String sql) throws SQLException {
      return Explained.call(() -> super.executeLargeUpdate(sql));
    }
  }

  private static final class ReplicaPreparedStatement extends JDBC4PreparedStatement {
    ReplicaPreparedStatement(SQLiteConnection connection, String sql) throws SQLException {
      super(connection, sql);
    }

    @Override
    public boolean execute() throws SQLException {
      return Explained.call(super::execute);
    }

    @Override
    public ResultSet executeQuery() throws SQLException {
      return Explained.call(super::executeQuery);
    }

    @Override
    public long executeLargeUpdate() throws SQLException {
      return Explained.call(super::executeLargeUpdate);
    }
  }
}
