package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.Locale;

/**
 * Reads moments as people write them. Times without an offset are UTC, whatever the machine's zone.
 *
 * <ul>
 *   <li>RFC 3339: {@code 2026-11-22T10:00:00Z}, with any offset and any fraction, a blank or a
 *       {@code T} between date and time, the seconds and the offset optional. A blank in the place
 *       of the offset's plus is taken for it, as a URI decodes plus to it.
 *   <li>A date: its beginning, 00:00 UTC.
 *   <li>{@code now} and {@code today}: the moment at which it is read. {@code yesterday}: 24 hours
 *       before that, as Litestream has it; with a time, as {@code yesterday 14:30}, that time of
 *       the day.
 *   <li>Relative: {@code 5 minutes ago}, {@code an hour ago}, {@code 1 day, 2 hours and 3 min ago},
 *       {@code 1h30m ago}, {@code last week}; months and years are those of the calendar. "ago" may
 *       be left out.
 *   <li>{@code LATEST}, in any case.
 * </ul>
 *
 * <p>No {@code java.time.format}: it costs 20 ms of an open.
 */
public final class MomentParser {
  private static final long DAY = 86_400_000;

  /** Not before year 1 and not after year 9999: what RFC 3339 can write. */
  private static final long FIRST = LocalDate.of(1, 1, 1).toEpochDay() * DAY;

  private static final long LAST = LocalDate.of(10_000, 1, 1).toEpochDay() * DAY - 1;

  private static final int TXID_DIGITS = 16;

  private final String text;
  private final long now;

  private MomentParser(String text, long now) {
    this.text = text.strip().toLowerCase(Locale.ROOT);
    this.now = now;
  }

  /**
   * Reads a moment.
   *
   * @param now milliseconds since 1970
   * @return {@link Moment.Latest}, or {@link Moment.Before} the first whole millisecond that is not
   *     before the time given: files have milliseconds, and what is older than 1.5 ms is what is
   *     older than 2 ms
   * @throws IllegalArgumentException if it is none; the message shows what would be right
   */
  public static Moment parse(String text, long now) {
    try {
      return new MomentParser(text, now).parse();
    } catch (DateTimeException | ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no time; write one as 2026-01-31T12:00:00Z, 2026-01-31 13:00:00.250+01:00,"
              + " 2026-01-31, 5 minutes ago, 1 day 2 hours ago, yesterday, now or LATEST (UTC unless"
              + " it has an offset)",
          e);
    }
  }

  /**
   * Reads a TXID: up to 16 hex digits; or {@code LATEST}.
   *
   * @throws IllegalArgumentException if it is none; the message shows what would be right
   */
  public static Moment parseTxid(String text) {
    String digits = text.strip();
    if (digits.equalsIgnoreCase("latest")) {
      return Moment.LATEST;
    }
    boolean hex = !digits.isEmpty() && digits.length() <= TXID_DIGITS;
    for (int i = 0; i < digits.length() && hex; i++) {
      char c = digits.charAt(i);
      hex = c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F';
    }
    Txid txid = hex ? Txid.parse("0".repeat(TXID_DIGITS - digits.length()) + digits) : Txid.ZERO;
    if (txid.equals(Txid.ZERO) || txid.value() == -1) {
      throw new IllegalArgumentException(
          "\""
              + text
              + "\" is no TXID; it has up to 16 hex digits, as 00000000000000ff, or is LATEST");
    }
    return new Moment.At(txid);
  }

  private Moment parse() {
    if (text.equals("latest")) {
      return Moment.LATEST;
    }
    return new Moment.Before(checked(startsWithDate() ? absolute() : spoken()));
  }

  private static long checked(long millis) {
    if (millis < FIRST || millis > LAST) {
      throw new DateTimeException("beyond the years 1 to 9999");
    }
    return millis;
  }

  private boolean startsWithDate() {
    return text.length() >= 10 && text.charAt(4) == '-' && text.charAt(7) == '-';
  }

  private long absolute() {
    long day =
        LocalDate.of(digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)).toEpochDay();
    if (text.length() == 10) {
      return day * DAY;
    }
    char separator = text.charAt(10);
    if (separator != 't' && separator != ' ') {
      throw new DateTimeException("no T and no blank after the date");
    }
    return day * DAY + new TimeOfDay(text, 11).millis();
  }

  private long spoken() {
    if (text.startsWith("in ")) {
      throw new DateTimeException("the future is not there yet");
    }
    if (text.equals("now") || text.equals("today")) {
      return now;
    }
    if (text.equals("yesterday")) {
      return now - DAY;
    }
    if (text.startsWith("today ") || text.startsWith("yesterday ")) {
      String time = text.substring(text.indexOf(' ')).strip();
      time = time.startsWith("at ") ? time.substring(3).strip() : time;
      long day = Math.floorDiv(now, DAY) - (text.startsWith("y") ? 1 : 0);
      return day * DAY + new TimeOfDay(time, 0).millis();
    }
    return new RelativeTime(text).before(now);
  }

  /** Digits at fixed places. */
  static int digits(String text, int from, int to) {
    if (to > text.length()) {
      throw new DateTimeException("too short");
    }
    int value = 0;
    for (int i = from; i < to; i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9) {
        throw new DateTimeException("no digit");
      }
      value = value * 10 + digit;
    }
    return value;
  }
}
