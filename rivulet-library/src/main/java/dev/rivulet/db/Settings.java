package dev.rivulet.db;

import dev.rivulet.store.Environment;
import dev.rivulet.store.ReplicaUrl;
import dev.rivulet.store.StoreException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What one connection was opened with: URI parameter over environment variable over default
 * (docs/configuration.md has the table).
 *
 * @param url the replica
 * @param caches how much is kept of what was fetched
 * @param pollIntervalMillis between two polls of the database, for all its connections; 0 if none
 *     was asked for
 * @param maxStalenessMillis how long ago the last successful poll may be when a transaction begins;
 *     0 is any time
 * @param pinned whether the view stays the one of the opening ({@code immutable=1} or {@code
 *     nolock=1}), because SQLite then takes no locks that would say when it may change
 * @param moment where it begins in time
 * @param hydration whether and where it is hydrated; the first connection's counts
 * @param environment where credentials are looked up
 */
public record Settings(
    ReplicaUrl url,
    CacheSizes caches,
    long pollIntervalMillis,
    long maxStalenessMillis,
    boolean pinned,
    Moment moment,
    HydrationSettings hydration,
    Environment environment) {
  static final String REPLICA_URL = "replica_url";
  static final String POLL_INTERVAL = "poll_interval";
  static final String MAX_STALENESS = "max_staleness";
  static final String TIME = "time";
  static final String TXID = "txid";

  /** Our own parameters. */
  private static final Set<String> OURS =
      Set.of(
          REPLICA_URL,
          CacheSizes.MEMORY,
          CacheSizes.DISK,
          POLL_INTERVAL,
          MAX_STALENESS,
          TIME,
          TXID,
          HydrationSettings.PATH,
          HydrationSettings.ENABLED,
          HydrationSettings.PERSIST,
          HydrationSettings.BANDWIDTH);

  private static final String REPLICA_URL_VARIABLE = "LITESTREAM_REPLICA_URL";
  private static final String POLL_INTERVAL_VARIABLE = "LITESTREAM_POLL_INTERVAL";
  private static final String MAX_STALENESS_VARIABLE = "LITESTREAM_MAX_STALENESS";
  private static final String TIME_VARIABLE = "LITESTREAM_TIME";
  private static final String TXID_VARIABLE = "LITESTREAM_TXID";

  /** A hundred polls a second are more than any store likes. */
  private static final long LEAST_POLL_INTERVAL_MILLIS = 10;

  private static final long MOST_POLL_INTERVAL_MILLIS = 24 * 3_600_000L;

  /** SQLite's own URI parameters (https://sqlite.org/c3ref/open.html). */
  private static final Set<String> SQLITE =
      Set.of("vfs", "mode", "cache", "immutable", "nolock", "psow", "modeof");

  private static final String NAME = "{name}";

  /**
   * Resolves the settings of one database file.
   *
   * @param fileName as SQLite passes it to the VFS: a plain name, or itself a replica URL
   * @param parameters the URI parameters, decoded
   * @throws SettingsException if a setting is missing, unknown or wrong
   */
  public static Settings resolve(
      String fileName, Map<String, String> parameters, Environment environment)
      throws SettingsException {
    StringBuilder url = new StringBuilder(url(fileName, parameters, environment));
    char separator = url.indexOf("?") < 0 ? '?' : '&';
    for (Map.Entry<String, String> p : parameters.entrySet()) {
      String name = p.getKey();
      if (ReplicaUrl.PARAMETERS.contains(name)) {
        url.append(separator).append(name).append('=').append(encode(p.getValue()));
        separator = '&';
      } else if (!SQLITE.contains(name) && !OURS.contains(name)) {
        throw new SettingsException(
            "Parameter "
                + name
                + " is not known; the parameters are replica_url, cache_size,"
                + " disk_cache_size, poll_interval,"
                + " max_staleness, time, txid, hydration_path, hydration_enabled, hydration_persist,"
                + " hydration_bandwidth, those of the store, and SQLite's own"
                + " (docs/configuration.md)");
      }
    }
    ReplicaUrl parsed;
    try {
      parsed = ReplicaUrl.parse(url.toString(), environment);
    } catch (StoreException e) {
      String message = e.getMessage();
      throw new SettingsException(message == null ? "the replica URL is malformed" : message);
    }
    return new Settings(
        parsed,
        CacheSizes.resolve(parameters, environment),
        given(
            parameters, POLL_INTERVAL, environment, POLL_INTERVAL_VARIABLE, Settings::pollInterval),
        given(
            parameters, MAX_STALENESS, environment, MAX_STALENESS_VARIABLE, Settings::maxStaleness),
        isTrue(parameters.get("immutable")) || isTrue(parameters.get("nolock")),
        moment(parameters, environment),
        HydrationSettings.resolve(fileName, parameters, environment),
        environment);
  }

  /** Parameters win over variables, also one of the two over the other one's variable. */
  private static Moment moment(Map<String, String> parameters, Environment environment)
      throws SettingsException {
    boolean given = parameters.containsKey(TIME) || parameters.containsKey(TXID);
    return given
        ? moment(
            parameters.get(TIME), parameters.get(TXID), "Parameter " + TIME, "Parameter " + TXID)
        : moment(
            environment.get(TIME_VARIABLE),
            environment.get(TXID_VARIABLE),
            TIME_VARIABLE,
            TXID_VARIABLE);
  }

  private static Moment moment(
      @Nullable String time, @Nullable String txid, String timeName, String txidName)
      throws SettingsException {
    boolean hasTime = time != null && !time.isEmpty();
    boolean hasTxid = txid != null && !txid.isEmpty();
    if (hasTime && hasTxid) {
      throw new SettingsException(
          timeName + " and " + txidName + " are both given, but a connection is at one moment");
    }
    try {
      if (time != null && hasTime) {
        return MomentParser.parse(time, System.currentTimeMillis());
      }
      return txid != null && hasTxid ? MomentParser.parseTxid(txid) : Moment.LATEST;
    } catch (IllegalArgumentException e) {
      throw new SettingsException((hasTime ? timeName : txidName) + ": " + e.getMessage());
    }
  }

  private static String url(
      String fileName, Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String given = parameters.get(REPLICA_URL);
    if (given != null) {
      return requireUrl(given, "parameter replica_url");
    }
    if (ReplicaUrl.isUrl(fileName)) {
      return fileName;
    }
    String variable = environment.get(REPLICA_URL_VARIABLE);
    if (variable == null || variable.isEmpty()) {
      throw new SettingsException(
          "No replica URL: set LITESTREAM_REPLICA_URL, or give the parameter replica_url, or use the"
              + " URL as file name (file:s3://bucket/path?vfs=litestream)");
    }
    return requireUrl(withName(variable, fileName, REPLICA_URL_VARIABLE), REPLICA_URL_VARIABLE);
  }

  private static String requireUrl(String text, String what) throws SettingsException {
    if (!ReplicaUrl.isUrl(text)) {
      throw new SettingsException(
          "The value of "
              + what
              + " is not a replica URL; it looks like s3://bucket/path or file:///folder");
    }
    return text;
  }

  /**
   * A text in which {@code {name}} stands for the last part of the database's file name, which must
   * not lead anywhere else.
   *
   * @param what the setting is called in messages
   */
  static String withName(String text, String fileName, String what) throws SettingsException {
    return text.contains(NAME) ? text.replace(NAME, baseName(fileName, what)) : text;
  }

  private static String baseName(String fileName, String what) throws SettingsException {
    String name = fileName.substring(fileName.lastIndexOf('/') + 1);
    if (name.isEmpty() || name.equals(".") || name.equals("..")) {
      throw new SettingsException(what + " contains {name}, but the database file has none");
    }
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < ' ' || c == '?' || c == '#' || c == '%' || c == '&' || c == '\\') {
        throw new SettingsException(
            what
                + " contains {name}, and the database file's name has a character that cannot stand"
                + " there; give the parameter instead");
      }
    }
    return name;
  }

  private interface Parser {
    long parse(String text, String what) throws SettingsException;
  }

  /** A setting's value: parameter over variable, or 0 if neither is given. */
  private static long given(
      Map<String, String> parameters,
      String parameter,
      Environment environment,
      String variable,
      Parser parser)
      throws SettingsException {
    String text = parameters.get(parameter);
    if (text != null) {
      return parser.parse(text, "Parameter " + parameter);
    }
    text = environment.get(variable);
    return text == null || text.isEmpty() ? 0 : parser.parse(text, variable);
  }

  /** Milliseconds between two polls. */
  static long pollInterval(String text, String what) throws SettingsException {
    try {
      long millis = GoDuration.parseMillis(text);
      if (millis >= LEAST_POLL_INTERVAL_MILLIS && millis <= MOST_POLL_INTERVAL_MILLIS) {
        return millis;
      }
    } catch (NumberFormatException e) {
      // refused below, with what would be right
    }
    throw new SettingsException(
        what + " must be a duration from 10ms to 24h, like 1s or 250ms, and not \"" + text + "\"");
  }

  /** Milliseconds that what is read may be old; 0 for any age. */
  static long maxStaleness(String text, String what) throws SettingsException {
    try {
      return GoDuration.parseMillis(text);
    } catch (NumberFormatException e) {
      throw new SettingsException(
          what
              + " must be a duration like 5s or 1m30s, or 0 for no bound, and not \""
              + text
              + "\"");
    }
  }

  /** SQLite's own rule for boolean URI parameters: a number is taken modulo 256. */
  private static boolean isTrue(@Nullable String value) {
    if (value != null && !value.isEmpty() && value.charAt(0) >= '0' && value.charAt(0) <= '9') {
      int digits = 1;
      while (digits < value.length() && Character.digit(value.charAt(digits), 10) >= 0) {
        digits++;
      }
      // ten digits are beyond what SQLite reads, and then false
      return digits < 10 && (Integer.parseInt(value.substring(0, digits)) & 0xff) != 0;
    }
    return value != null
        && (value.equalsIgnoreCase("on")
            || value.equalsIgnoreCase("yes")
            || value.equalsIgnoreCase("true"));
  }

  private static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
