package dev.rivulet.jdbc;

import java.sql.Connection;
import java.sql.Driver;
import java.sql.DriverManager;
import java.sql.DriverPropertyInfo;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Properties;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;
import org.sqlite.SQLiteConfig;

/**
 * Opens {@code jdbc:rivulet:REPLICA[?name=value&...]}, where REPLICA is the URL of a replica:
 * {@code jdbc:rivulet:s3://bucket/path/my.db}.
 *
 * <p><b>Parameters</b> of the URL are Rivulet's ({@code cache_size}), the store's ({@code
 * endpoint}) or SQLite's ({@code cache}, {@code immutable}); an unknown one is an error that names
 * it. They are percent-encoded: {@code &} in a value is {@code %26}. {@code vfs} and {@code mode}
 * are the driver's own.
 *
 * <p><b>Properties</b> (the second argument of {@link DriverManager#getConnection(String,
 * Properties)}) are those of xerial's sqlite-jdbc: pragmas that it sets on the new connection, such
 * as {@code cache_size} for SQLite's own cache or {@code temp_store}. {@code user} and {@code
 * password} are refused, as they would be ignored: credentials come from the store's environment
 * variables.
 *
 * <p>Connections are read-only. They share what is known of a replica: a pool costs one follower
 * and one cache. Thread-safe.
 */
public final class RivuletDriver implements Driver {
  static {
    try {
      DriverManager.registerDriver(new RivuletDriver());
    } catch (SQLException e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  /** For {@code META-INF/services}. */
  public RivuletDriver() {}

  @Override
  public @Nullable Connection connect(String url, @Nullable Properties info) throws SQLException {
    if (!acceptsURL(url)) {
      return null; // as DriverManager expects, when it asks all drivers in turn
    }
    RivuletUrl parsed = RivuletUrl.parse(url);
    Properties properties = new Properties();
    if (info != null) {
      info.stringPropertyNames().forEach(n -> properties.setProperty(n, info.getProperty(n)));
    }
    refuse("user", properties);
    refuse("password", properties);
    SQLiteConfig config = new SQLiteConfig(properties);
    config.setReadOnly(true);
    Extension.load();
    return Explained.call(() -> new ReplicaConnection(parsed, config.toProperties()));
  }

  private static void refuse(String name, Properties properties) throws SQLException {
    Object value = properties.remove(name);
    if (value != null && !value.equals("")) {
      throw new SQLNonTransientConnectionException(
          "jdbc:rivulet: takes no "
              + name
              + "; credentials of a store come from its environment variables"
              + " (AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY)");
    }
  }

  @Override
  public boolean acceptsURL(String url) {
    return RivuletUrl.accepts(url);
  }

  @Override
  public DriverPropertyInfo[] getPropertyInfo(String url, @Nullable Properties info) {
    return new DriverPropertyInfo[0];
  }

  @Override
  public int getMajorVersion() {
    return 0;
  }

  @Override
  public int getMinorVersion() {
    return 1;
  }

  /** False: SQLite's SQL is not all of SQL-92. */
  @Override
  public boolean jdbcCompliant() {
    return false;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    throw new SQLFeatureNotSupportedException("Rivulet does not log through java.util.logging");
  }
}
