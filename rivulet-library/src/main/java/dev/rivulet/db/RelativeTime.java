package dev.rivulet.db;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.DateTimeException;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads {@code 1 day, 2 hours and 3 min ago}, {@code an hour ago}, {@code last week}: how long
 * before now a moment was.
 *
 * <p>Years and months go back in the calendar (the 31st of a month that has none is its last day);
 * everything else is a fixed number of milliseconds, as days in UTC are.
 */
final class RelativeTime {
  private static final long DAY = 86_400_000;

  private final List<String> words;
  private int months;
  private long millis;

  /** Takes text in lower case. */
  RelativeTime(String text) {
    this.words = split(text);
  }

  /** The moment so long before another, in milliseconds since 1970. */
  long before(long now) {
    int size = words.size();
    if (size == 2 && words.getFirst().equals("last")) {
      add(BigDecimal.ONE, words.get(1));
    } else {
      int end = size > 0 && words.getLast().equals("ago") ? size - 1 : size;
      if (end == 0 || end % 2 != 0) {
        throw new DateTimeException("no pairs of number and unit");
      }
      for (int i = 0; i < end; i += 2) {
        add(number(words.get(i)), words.get(i + 1));
      }
    }
    long day = Math.floorDiv(now, DAY);
    long monthsBefore = LocalDate.ofEpochDay(day).minusMonths(months).toEpochDay();
    return Math.subtractExact(monthsBefore * DAY + Math.floorMod(now, DAY), millis);
  }

  /** Words and numbers, also where they are written together; commas and "and" are left out. */
  private static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    int at = 0;
    while (at < text.length()) {
      char c = text.charAt(at);
      int begin = at;
      if (isNumeric(c)) {
        while (at < text.length() && isNumeric(text.charAt(at))) {
          at++;
        }
      } else if (c >= 'a' && c <= 'z') {
        while (at < text.length() && text.charAt(at) >= 'a' && text.charAt(at) <= 'z') {
          at++;
        }
      } else if (c == ' ' || c == ',' || c == '\t') {
        at++;
        continue;
      } else {
        throw new DateTimeException("unexpected character");
      }
      String word = text.substring(begin, at);
      if (!word.equals("and")) {
        words.add(word);
      }
    }
    return words;
  }

  private static boolean isNumeric(char c) {
    return TimeOfDay.isDigit(c) || c == '.';
  }

  private static BigDecimal number(String word) {
    if (word.equals("a") || word.equals("an") || word.equals("one")) {
      return BigDecimal.ONE;
    }
    if (word.length() > 18 || !TimeOfDay.isDigit(word.charAt(0))) {
      throw new DateTimeException("no number");
    }
    return new BigDecimal(word);
  }

  private void add(BigDecimal count, String unit) {
    switch (unit) {
      case "year", "years", "yr", "yrs", "y" -> addMonths(count, 12);
      case "month", "months", "mo", "mon", "mons" -> addMonths(count, 1);
      case "week", "weeks", "wk", "wks", "w" -> addMillis(count, 7 * DAY);
      case "day", "days", "d" -> addMillis(count, DAY);
      case "hour", "hours", "hr", "hrs", "h" -> addMillis(count, 3_600_000);
      case "minute", "minutes", "min", "mins", "m" -> addMillis(count, 60_000);
      case "second", "seconds", "sec", "secs", "s" -> addMillis(count, 1000);
      case "millisecond", "milliseconds", "msec", "ms" -> addMillis(count, 1);
      default -> throw new DateTimeException("no unit of time");
    }
  }

  private void addMonths(BigDecimal count, int each) {
    months = Math.addExact(months, Math.multiplyExact(count.intValueExact(), each));
  }

  private void addMillis(BigDecimal count, long each) {
    BigDecimal exact = count.multiply(BigDecimal.valueOf(each));
    millis = Math.addExact(millis, exact.setScale(0, RoundingMode.FLOOR).longValueExact());
  }
}
