package dev.rivulet.db;

import java.time.Instant;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.util.Locale;

/**
 * Times as SQL and the command line give them: RFC 3339 in UTC with exactly three digits of
 * milliseconds, so that texts of equal length sort, compare and have a minimum as the times do.
 * {@link Instant#toString} leaves the digits out at a full second, and {@code 'Z'} comes after
 * {@code '.'}.
 */
public final class TimeText {
  private static final DateTimeFormatter FORMAT =
      new DateTimeFormatterBuilder().appendInstant(3).toFormatter(Locale.ROOT);

  private TimeText() {}

  /**
   * The text of a time.
   *
   * @param millis since 1970; of any size, for a header is not to be trusted
   */
  public static String of(long millis) {
    return FORMAT.format(Instant.ofEpochMilli(millis));
  }
}
