package dev.rivulet.jdbc;

import java.io.PrintWriter;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLFeatureNotSupportedException;
import java.sql.SQLNonTransientConnectionException;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.logging.Logger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Connections to one replica, for pools and frameworks that configure by setters.
 *
 * <p>Set {@link #setReplicaUrl} (or a whole {@link #setUrl}), and what else is needed, before the
 * first connection; the setters are not thread-safe, {@link #getConnection()} is.
 */
public final class RivuletDataSource implements DataSource {
  private final RivuletDriver driver = new RivuletDriver();
  private final Map<String, String> parameters = new TreeMap<>();
  private final Properties properties = new Properties();
  private @Nullable String url;

  /** The replica: {@code s3://bucket/path/my.db}, {@code file:///folder}. */
  public void setReplicaUrl(String replicaUrl) {
    this.url = RivuletUrl.PREFIX + replicaUrl;
  }

  /** The replica as a JDBC URL: {@code jdbc:rivulet:s3://bucket/path/my.db}. */
  public void setUrl(String url) {
    this.url = url;
  }

  /** The JDBC URL, without the parameters set here; null if none was set. */
  public @Nullable String getUrl() {
    return url;
  }

  /**
   * A parameter of Rivulet, the store or SQLite, in plain text: {@code ("cache_size", "64MiB")}.
   */
  public void setParameter(String name, String value) {
    parameters.put(name, value);
  }

  /** How often the store is asked for new transactions: {@code 500ms}, {@code 1s}. */
  public void setPollInterval(String interval) {
    setParameter("poll_interval", interval);
  }

  /** How old the last answer of the store may be for a new transaction to begin: {@code 30s}. */
  public void setMaxStaleness(String age) {
    setParameter("max_staleness", age);
  }

  /** The local file that is filled in the background, and read from then on. */
  public void setHydrationPath(String path) {
    setParameter("hydration_path", path);
  }

  /** Whether there is one: by default if it has a path. */
  public void setHydrationEnabled(boolean enabled) {
    setParameter("hydration_enabled", Boolean.toString(enabled));
  }

  /**
   * The moment of the past that all connections read: RFC 3339, or as people say it ({@code 5
   * minutes ago}, which each connection counts from its own opening).
   */
  public void setTime(String time) {
    setParameter("time", time);
  }

  /** The transaction at which all connections read: 16 hex digits. */
  public void setTxid(String txid) {
    setParameter("txid", txid);
  }

  /** A property of sqlite-jdbc: a pragma that each new connection sets. */
  public void setProperty(String name, String value) {
    properties.setProperty(name, value);
  }

  @Override
  public Connection getConnection() throws SQLException {
    Connection connection = driver.connect(wholeUrl(), properties);
    if (connection == null) {
      throw new SQLNonTransientConnectionException("the URL is not a jdbc:rivulet: URL");
    }
    return connection;
  }

  /** The URL with the parameters set here. */
  String wholeUrl() throws SQLException {
    String base = url;
    if (base == null || !driver.acceptsURL(base)) {
      throw new SQLNonTransientConnectionException(
          "set replicaUrl (s3://bucket/path/my.db) or url (jdbc:rivulet:...) of the data source first");
    }
    StringBuilder whole = new StringBuilder(base);
    char separator = base.indexOf('?') < 0 ? '?' : '&';
    for (Map.Entry<String, String> parameter : parameters.entrySet()) {
      whole.append(separator).append(parameter.getKey()).append('=');
      // URLEncoder writes a space as '+', which stays a '+' in SQLite's names.
      whole.append(
          URLEncoder.encode(parameter.getValue(), StandardCharsets.UTF_8).replace("+", "%20"));
      separator = '&';
    }
    return whole.toString();
  }

  /** As {@link #getConnection()}; a user or password is refused, for a replica has none. */
  @Override
  public Connection getConnection(@Nullable String user, @Nullable String password)
      throws SQLException {
    if ((user != null && !user.isEmpty()) || (password != null && !password.isEmpty())) {
      throw new SQLNonTransientConnectionException(
          "a replica has no user or password; credentials of a store come from its environment variables");
    }
    return getConnection();
  }

  @Override
  public @Nullable PrintWriter getLogWriter() {
    return null;
  }

  @Override
  public void setLogWriter(@Nullable PrintWriter out) {}

  @Override
  public void setLoginTimeout(int seconds) {}

  @Override
  public int getLoginTimeout() {
    return 0;
  }

  @Override
  public Logger getParentLogger() throws SQLFeatureNotSupportedException {
    return driver.getParentLogger();
  }

  @Override
  public <T> T unwrap(Class<T> type) throws SQLException {
    if (!type.isInstance(this)) {
      throw new SQLException("this data source is no " + type.getName());
    }
    return type.cast(this);
  }

  @Override
  public boolean isWrapperFor(Class<?> type) {
    return type.isInstance(this);
  }
}
