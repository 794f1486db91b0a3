package dev.rivulet.cli;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.temporal.ChronoUnit;

/** Times as the command line has them. */
final class Times {
  private Times() {}

  /** RFC 3339, UTC, to the millisecond. */
  static String format(long millis) {
    return Instant.ofEpochMilli(millis).toString();
  }

  /** RFC 3339, UTC, to the second: enough for upload times, which stores round. */
  static String seconds(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /**
   * Reads RFC 3339.
   *
   * @return the first whole millisecond that is not before that time: files have milliseconds, and
   *     what is older than 1.5 ms is what is older than 2 ms
   */
  static long parse(String text) throws UsageException {
    try {
      Instant time = OffsetDateTime.parse(text.replace(' ', 'T')).toInstant();
      long millis = time.toEpochMilli();
      return Instant.ofEpochMilli(millis).equals(time) ? millis : millis + 1;
    } catch (DateTimeException | ArithmeticException e) {
      throw new UsageException(
          "\""
              + text
              + "\" is no time of the form 2026-01-31T12:00:00Z or"
              + " 2026-01-31T13:00:00.250+01:00 (RFC 3339)");
    }
  }
}
