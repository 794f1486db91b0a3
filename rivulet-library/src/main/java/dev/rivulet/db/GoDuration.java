package dev.rivulet.db;

import java.util.Locale;

/**
 * Lengths of time as Litestream's settings have them: Go's {@code time.ParseDuration}, of which
 * nothing shorter than a millisecond is needed here.
 */
final class GoDuration {
  private GoDuration() {}

  /**
   * Milliseconds: {@code 500ms}, {@code 1s}, {@code 1.5s}, {@code 1m30s}, {@code 2h}, {@code 0}.
   *
   * @throws NumberFormatException if it is anything else, negative, or over 2^53 milliseconds
   */
  static long parseMillis(String text) {
    String t = text.trim().toLowerCase(Locale.ROOT);
    if (t.equals("0")) {
      return 0;
    }
    double millis = 0;
    int at = 0;
    while (at < t.length()) {
      int digits = at;
      while (digits < t.length() && (t.charAt(digits) == '.' || isDigit(t.charAt(digits)))) {
        digits++;
      }
      int unit = digits;
      while (unit < t.length() && Character.isLetter(t.charAt(unit))) {
        unit++;
      }
      millis += Double.parseDouble(t.substring(at, digits)) * unitMillis(t.substring(digits, unit));
      at = unit;
    }
    if (t.isEmpty() || millis > 1L << 53) {
      throw new NumberFormatException(text);
    }
    return Math.round(millis);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static double unitMillis(String unit) {
    return switch (unit) {
      case "ms" -> 1;
      case "s" -> 1_000;
      case "m" -> 60_000;
      case "h" -> 3_600_000;
      default -> throw new NumberFormatException("unknown unit " + unit);
    };
  }

  /**
   * The shortest text that {@link #parseMillis} reads back: {@code 1s}, {@code 250ms}, {@code 90s}.
   */
  static String format(long millis) {
    return millis % 1000 == 0 ? millis / 1000 + "s" : millis + "ms";
  }
}
