package dev.rivulet.db;

import dev.rivulet.store.Environment;
import java.util.Map;
import java.util.Set;

/** TEMPORARY. */
public record Settings(String url) {
  private static final Set<String> KNOWN =
      Set.of(
          "vfs",
          "mode",
          "cache",
          "immutable",
          "nolock",
          "psow",
          "modeof",
          "replica_url",
          "poll_interval",
          "cache_size",
          "endpoint");

  public static Settings resolve(String fileName, Map<String, String> parameters, Environment env)
      throws SettingsException {
    for (String key : parameters.keySet()) {
      if (!KNOWN.contains(key)) {
        throw new SettingsException("unknown parameter '" + key + "'; known are " + KNOWN);
      }
    }
    if (fileName.contains("://")) {
      return new Settings(fileName);
    }
    String url = parameters.get("replica_url");
    if (url == null) {
      url = env.get("LITESTREAM_REPLICA_URL");
    }
    if (url == null) {
      throw new SettingsException(
          "no replica: set LITESTREAM_REPLICA_URL, or give replica_url= in the URI");
    }
    String base = fileName.substring(fileName.lastIndexOf('/') + 1);
    return new Settings(url.replace("{name}", base));
  }
}
