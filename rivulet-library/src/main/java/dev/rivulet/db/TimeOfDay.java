package dev.rivulet.db;

import java.time.DateTimeException;

/**
 * Reads {@code HH:MM[:SS[.fraction]][offset]} at the end of a text in lower case; the offset is
 * {@code z}, {@code utc}, {@code +HH:MM}, {@code +HHMM} or {@code +HH}, and UTC if there is none.
 */
final class TimeOfDay {
  private static final int MINUTE = 60_000;

  private final String text;
  private int at;

  TimeOfDay(String text, int from) {
    this.text = text;
    this.at = from;
  }

  /** Milliseconds after the midnight of the date in UTC; an offset may make it negative. */
  long millis() {
    int hour = two(23);
    expect(':');
    int minute = two(59);
    long millis = (hour * 60L + minute) * MINUTE;
    boolean seconds = at < text.length() && text.charAt(at) == ':';
    if (seconds) {
      at++;
      millis += two(60) * 1000L; // 60 is a leap second, which Unix time counts twice
      millis += fraction();
    }
    return millis - offset(seconds);
  }

  private int two(int most) {
    int value = MomentParser.digits(text, at, at + 2);
    if (value > most) {
      throw new DateTimeException("out of range");
    }
    at += 2;
    return value;
  }

  private void expect(char c) {
    if (at >= text.length() || text.charAt(at) != c) {
      throw new DateTimeException("no " + c);
    }
    at++;
  }

  /** The fraction, rounded up to a whole millisecond. */
  private int fraction() {
    if (at >= text.length() || text.charAt(at) != '.') {
      return 0;
    }
    int begin = ++at;
    int millis = 0;
    boolean more = false;
    for (int unit = 100; at < text.length() && isDigit(text.charAt(at)); at++, unit /= 10) {
      int digit = text.charAt(at) - '0';
      millis += digit * unit;
      more |= unit == 0 && digit > 0;
    }
    if (at == begin) {
      throw new DateTimeException("no digit after the point");
    }
    return more ? millis + 1 : millis;
  }

  /** Milliseconds to take away; a blank stands for plus only where it can be nothing else. */
  private long offset(boolean afterSeconds) {
    String rest = text.substring(at);
    String word = rest.strip();
    if (word.isEmpty() || word.equals("z") || word.equals("utc")) {
      return 0;
    }
    char sign = word.charAt(0);
    if (sign == '+' || sign == '-') {
      word = word.substring(1);
    } else if (!afterSeconds || !rest.startsWith(" ") || word.indexOf(':') < 0) {
      throw new DateTimeException("no offset");
    }
    int hours = MomentParser.digits(word, 0, 2);
    boolean colon = word.length() > 2 && word.charAt(2) == ':';
    int from = colon ? 3 : 2;
    int minutes = word.length() == 2 ? 0 : MomentParser.digits(word, from, word.length());
    if (word.length() != 2 && word.length() != from + 2 || hours > 23 || minutes > 59) {
      throw new DateTimeException("no offset");
    }
    long millis = (hours * 60L + minutes) * MINUTE;
    return sign == '-' ? -millis : millis;
  }

  static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
