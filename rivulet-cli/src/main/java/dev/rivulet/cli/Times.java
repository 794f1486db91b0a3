package dev.rivulet.cli;

import dev.rivulet.db.TimeText;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Times as the command line has them. */
final class Times {
  private Times() {}

  /** RFC 3339, UTC, to the millisecond. */
  static String format(long millis) {
    return TimeText.of(millis);
  }

  /** RFC 3339, UTC, to the second: enough for upload times, which stores round. */
  static String seconds(long millis) {
    return Instant.ofEpochMilli(millis).truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
