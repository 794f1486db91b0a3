package dev.rivulet.db;

import java.util.Locale;

/** Sizes in bytes as people write them. */
final class ByteSize {
  private ByteSize() {}

  /**
   * {@code 4096}, {@code 64K}, {@code 32MiB}, {@code 1 GB}: every unit is a power of 1024.
   *
   * @throws NumberFormatException if it is anything else, negative, or over 2^62
   */
  static long parse(String text) {
    String t = text.trim().toUpperCase(Locale.ROOT);
    int digits = 0;
    while (digits < t.length() && t.charAt(digits) >= '0' && t.charAt(digits) <= '9') {
      digits++;
    }
    long number = Long.parseLong(t.substring(0, digits));
    int shift =
        switch (t.substring(digits).trim()) {
          case "", "B" -> 0;
          case "K", "KB", "KIB" -> 10;
          case "M", "MB", "MIB" -> 20;
          case "G", "GB", "GIB" -> 30;
          default -> throw new NumberFormatException(text);
        };
    if (number > 1L << (62 - shift)) {
      throw new NumberFormatException(text);
    }
    return number << shift;
  }
}
