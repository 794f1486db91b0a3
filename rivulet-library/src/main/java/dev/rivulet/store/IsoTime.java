package dev.rivulet.store;

/**
 * Reads RFC 3339 times in UTC by hand: {@code java.time}'s parser is 20 ms of the first listing.
 */
final class IsoTime {
  private IsoTime() {}

  /** Milliseconds since 1970 of {@code 2024-01-15T10:30:00[.fraction]Z}; 0 if it is none. */
  static long millis(String text) {
    if (text.length() < 20
        || text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || text.charAt(10) != 'T'
        || text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || !text.endsWith("Z")) {
      return 0;
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 7);
    int day = digits(text, 8, 10);
    int hour = digits(text, 11, 13);
    int minute = digits(text, 14, 16);
    int second = digits(text, 17, 19);
    if (year < 0 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) {
      return 0;
    }
    int fraction = 0;
    if (text.charAt(19) == '.') {
      for (int i = 20, unit = 100; i < text.length() - 1; i++, unit /= 10) {
        int digit = digits(text, i, i + 1);
        if (digit < 0) {
          return 0;
        }
        fraction += digit * unit;
      }
    }
    long days = epochDay(year, month, day);
    return (((days * 24 + hour) * 60 + minute) * 60 + second) * 1000 + fraction;
  }

  /**
   * Days since 1970 in the Gregorian calendar, counting years from March so that leap days end
   * them.
   */
  private static long epochDay(int year, int month, int day) {
    int y = month <= 2 ? year - 1 : year;
    int m = month <= 2 ? month + 9 : month - 3;
    // 719,468 days lie between 1 March of year 0 and 1 January 1970.
    return 365L * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719_468;
  }

  private static int digits(String text, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        return -1;
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
