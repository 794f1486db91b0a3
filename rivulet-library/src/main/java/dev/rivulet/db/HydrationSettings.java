package dev.rivulet.db;

import dev.rivulet.store.Environment;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether and where a database is hydrated.
 *
 * @param enabled whether it is
 * @param path of the local file; null for one in the folder for temporary files, that leaves
 *     nothing behind
 * @param persist whether the file is kept for the next start
 * @param bytesPerSecond most to be read from the store for it; 0 is no limit
 */
public record HydrationSettings(
    boolean enabled, @Nullable Path path, boolean persist, long bytesPerSecond) {
  static final String PATH = "hydration_path";
  static final String ENABLED = "hydration_enabled";
  static final String PERSIST = "hydration_persist";
  static final String BANDWIDTH = "hydration_bandwidth";

  /** Without hydration. */
  public static final HydrationSettings NONE = new HydrationSettings(false, null, true, 0);

  private static final String VARIABLES = "LITESTREAM_";

  /** Less would take a day for a hundred megabytes. */
  private static final long LEAST_BANDWIDTH = 1024;

  /**
   * Parameter over variable over default; a path alone is enough. In the path, {@code {name}}
   * stands for the last part of the database's file name, so that one process can hydrate many.
   */
  static HydrationSettings resolve(
      String fileName, Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String path = given(PATH, parameters, environment);
    boolean enabled = flag(ENABLED, path != null, parameters, environment);
    boolean persist = flag(PERSIST, true, parameters, environment);
    return enabled
        ? new HydrationSettings(
            true,
            path == null ? null : path(path, fileName, parameters),
            persist && path != null,
            bandwidth(parameters, environment))
        : NONE;
  }

  /** Where the local file lies: if no path is given, under a name that nothing else has. */
  Path file(Environment environment) {
    if (path != null) {
      return path;
    }
    byte[] random = new byte[8];
    new SecureRandom().nextBytes(random);
    String folder = environment.get("TMPDIR");
    return Path.of(
        folder == null || folder.isEmpty() ? System.getProperty("java.io.tmpdir") : folder,
        "rivulet-hydration-" + HexFormat.of().formatHex(random) + ".db");
  }

  private static @Nullable String given(
      String name, Map<String, String> parameters, Environment environment) {
    String value = parameters.get(name);
    if (value == null) {
      value = environment.get(variable(name));
    }
    return value == null || value.isEmpty() ? null : value;
  }

  private static String variable(String name) {
    return VARIABLES + name.toUpperCase(java.util.Locale.ROOT);
  }

  private static String where(String name, Map<String, String> parameters) {
    return parameters.containsKey(name) ? "Parameter " + name : variable(name);
  }

  private static boolean flag(
      String name, boolean otherwise, Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String value = given(name, parameters, environment);
    if (value == null) {
      return otherwise;
    }
    return switch (value.toLowerCase(java.util.Locale.ROOT)) {
      case "true", "1", "on", "yes", "t" -> true;
      case "false", "0", "off", "no", "f" -> false;
      default -> throw new SettingsException(where(name, parameters) + " must be true or false");
    };
  }

  private static Path path(String given, String fileName, Map<String, String> parameters)
      throws SettingsException {
    String text = Settings.withName(given, fileName, where(PATH, parameters));
    try {
      Path path = Path.of(text).toAbsolutePath().normalize();
      if (path.getFileName() != null && !text.endsWith("/")) {
        return path;
      }
    } catch (java.nio.file.InvalidPathException e) {
      // refused below, with what would be right
    }
    throw new SettingsException(
        where(PATH, parameters) + " must be the path of a file, like /var/cache/app/db");
  }

  private static long bandwidth(Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String value = given(BANDWIDTH, parameters, environment);
    if (value == null) {
      return 0;
    }
    try {
      long bytes = ByteSize.parse(value);
      if (bytes == 0 || bytes >= LEAST_BANDWIDTH) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // refused below, with what would be right
    }
    throw new SettingsException(
        where(BANDWIDTH, parameters)
            + " must be bytes per second, at least 1 KiB, like 10MiB, or 0 for no limit");
  }
}
