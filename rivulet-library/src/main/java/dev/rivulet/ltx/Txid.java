package dev.rivulet.ltx;

import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * A transaction id: 64 bits, unsigned, the first one is 1; 0 is "before the first".
 *
 * @param value the bits; compare with {@link #compareTo}, which is unsigned
 */
public record Txid(long value) implements Comparable<Txid> {
  /** Before the first transaction. */
  public static final Txid ZERO = new Txid(0);

  /** The next one. Must not be called on the last one. */
  public Txid next() {
    return new Txid(value + 1);
  }

  @Override
  public int compareTo(Txid other) {
    return Long.compareUnsigned(value, other.value);
  }

  /** Whether this is later than the other. */
  public boolean after(Txid other) {
    return compareTo(other) > 0;
  }

  // Records make these at run time, by invokedynamic: 30 ms of a first query that an AOT cache
  // cannot
  // keep. What the open path compares or hashes has its own.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Txid t && t.value == value;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(value);
  }

  /**
   * From exactly 16 hex digits of either case.
   *
   * @throws IllegalArgumentException if it is anything else
   */
  public static Txid parse(CharSequence text) {
    if (text.length() != 16) {
      throw new IllegalArgumentException("a TXID has 16 hex digits, not \"" + text + "\"");
    }
    return new Txid(HexFormat.fromHexDigitsToLong(text));
  }

  /** 16 lowercase hex digits. */
  @Override
  public String toString() {
    return HexFormat.of().toHexDigits(value);
  }
}
