package dev.rivulet.db;

import dev.rivulet.page.DiskCache;
import dev.rivulet.store.Environment;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How much the process keeps of what was fetched. It is shared: the largest that any open database
 * asks for counts.
 *
 * @param memory bytes of the page cache
 * @param disk bytes of the temporary file for what the page cache has no room for; 0 if this
 *     database keeps nothing there
 */
record CacheSizes(long memory, long disk) {
  static final String MEMORY = "cache_size";
  static final String DISK = "disk_cache_size";

  private static final String MEMORY_VARIABLE = "LITESTREAM_CACHE_SIZE";
  private static final String DISK_VARIABLE = "LITESTREAM_DISK_CACHE_SIZE";

  /** Three times what Litestream has per connection, once for all of them. */
  static final long DEFAULT_MEMORY = 32L << 20;

  /** Room for the largest page in each part of the cache, several times. */
  private static final long LEAST_MEMORY = 1L << 20;

  /** Eight times the memory: what a small machine's disk has to spare, and its memory has not. */
  static final long DEFAULT_DISK = 256L << 20;

  static CacheSizes resolve(Map<String, String> parameters, Environment environment)
      throws SettingsException {
    return new CacheSizes(memory(parameters, environment), disk(parameters, environment));
  }

  private static long memory(Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String parameter = parameters.get(MEMORY);
    long bytes = parse(parameter, environment.get(MEMORY_VARIABLE), DEFAULT_MEMORY);
    if (bytes >= LEAST_MEMORY) {
      return bytes;
    }
    throw new SettingsException(
        (parameter != null ? "Parameter " + MEMORY : MEMORY_VARIABLE)
            + " must be a size of at least 1 MiB, like 33554432 or 64MiB");
  }

  private static long disk(Map<String, String> parameters, Environment environment)
      throws SettingsException {
    String parameter = parameters.get(DISK);
    long bytes = parse(parameter, environment.get(DISK_VARIABLE), DEFAULT_DISK);
    if (bytes == 0 || bytes >= DiskCache.LEAST) {
      return bytes;
    }
    throw new SettingsException(
        (parameter != null ? "Parameter " + DISK : DISK_VARIABLE)
            + " must be a size of at least 16 MiB, like 256MiB, or 0 to keep nothing on disk");
  }

  /** The value; -1 if it is not a size. */
  private static long parse(@Nullable String parameter, @Nullable String variable, long ifNone) {
    String text = parameter != null ? parameter : variable;
    if (text == null || text.isEmpty()) {
      return ifNone;
    }
    try {
      return ByteSize.parse(text);
    } catch (NumberFormatException e) {
      return -1; // refused, with what would be right
    }
  }
}
