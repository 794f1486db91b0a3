package dev.rivulet.ltx;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Objects;

/**
 * CRC-64/GO-ISO, as Go's {@code crc64.ISO}: polynomial {@code x^64 + x^4 + x^3 + x + 1}, reflected,
 * initial value and final XOR all ones. Not to be confused with CRC-64/XZ (ECMA-182).
 *
 * <p>The polynomial is nearly empty, which makes a table of a byte's 256 values enough where
 * slicing-by-16 needs sixteen. Modulo the polynomial, {@code x^64 = x^4 + x^3 + x + 1}, and since
 * squaring over GF(2) only doubles exponents, {@code x^128 = x^8 + x^6 + x^2 + 1}. So moving a
 * 64-bit remainder on by 128 bits is three shifts (reflected: to the right) and three XORs, and
 * only the at most eight bits that fall out at the end need the table. Even and odd words are two
 * such remainders that do not wait for each other.
 *
 * <p>Mutable, not thread-safe.
 */
public final class Crc64 {
  private static final long REFLECTED_POLYNOMIAL = 0xD800000000000000L;
  private static final long ALL_ONES = -1;

  /** The polynomial x: the highest bit is that of x^0. */
  private static final long X = 1L << 62;

  /** What the bits of one byte contribute once they have been shifted out: the classic table. */
  private static final long[] TABLE = new long[256];

  /** The same for a whole word moved on by 64 bits: what its low four bits leave behind. */
  private static final long[] OUT_OF_64 = new long[16];

  /** And moved on by 128 bits: what its low eight bits leave behind. */
  private static final long[] OUT_OF_128 = new long[256];

  static {
    for (int i = 0; i < TABLE.length; i++) {
      long crc = i;
      for (int bit = 0; bit < 8; bit++) {
        crc = crc >>> 1 ^ (-(crc & 1) & REFLECTED_POLYNOMIAL);
      }
      TABLE[i] = crc;
    }
    for (int i = 0; i < OUT_OF_64.length; i++) {
      OUT_OF_64[i] = byteWise(i, 8) ^ shifts64(i);
    }
    for (int i = 0; i < OUT_OF_128.length; i++) {
      OUT_OF_128[i] = byteWise(i, 16) ^ shifts128(i);
    }
  }

  private long register = ALL_ONES;

  /** Back to the state of no bytes. */
  public void reset() {
    register = ALL_ONES;
  }

  /** Takes bytes. */
  public void update(byte[] bytes, int offset, int length) {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    register = update(register, bytes, offset, offset + length);
  }

  /** Takes the four bytes of a big-endian integer. */
  void updateInt(int value) {
    register = stepByte(stepByte(register, value >>> 24), value >>> 16);
    register = stepByte(stepByte(register, value >>> 8), value);
  }

  /** The CRC of all bytes so far. */
  public long value() {
    return ~register;
  }

  /** The CRC in the form in which LTX stores it: bit 63 is set, so that 0 can mean "none". */
  public long checksum() {
    return value() | PageChecksum.FLAG;
  }

  /**
   * The {@linkplain #value CRC} of two pieces one after the other, from the CRC of each: that of
   * the first is moved on by the length of the second, which is a multiplication by {@code x^(8
   * length)}.
   */
  static long join(long first, long second, long secondLength) {
    long power = X;
    long moved = first;
    // x to the powers of two; three squarings first, for a length is one of bytes.
    for (int i = 0; i < 3; i++) {
      power = multiply(power, power);
    }
    for (long length = secondLength; length != 0; length >>>= 1) {
      if ((length & 1) != 0) {
        moved = multiply(moved, power);
      }
      power = multiply(power, power);
    }
    return moved ^ second;
  }

  /** Modulo the polynomial; reflected, as everything here. */
  private static long multiply(long a, long b) {
    long product = 0;
    long shifted = b;
    for (long rest = a; rest != 0; rest <<= 1) {
      product ^= shifted & rest >> 63;
      shifted = shifted >>> 1 ^ (-(shifted & 1) & REFLECTED_POLYNOMIAL);
    }
    return product;
  }

  private static long update(long start, byte[] bytes, int from, int to) {
    long crc = start;
    int at = from;
    if (to - at >= 32) {
      ByteBuffer words = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
      long even = crc ^ words.getLong(at);
      long odd = words.getLong(at + 8);
      at += 16;
      for (; at <= to - 16; at += 16) {
        even = shifts128(even) ^ OUT_OF_128[(int) even & 0xff] ^ words.getLong(at);
        odd = shifts128(odd) ^ OUT_OF_128[(int) odd & 0xff] ^ words.getLong(at + 8);
      }
      crc = move64(move64(even) ^ odd);
    }
    for (; at < to; at++) {
      crc = stepByte(crc, bytes[at]);
    }
    return crc;
  }

  private static long stepByte(long crc, int value) {
    return crc >>> 8 ^ TABLE[((int) crc ^ value) & 0xff];
  }

  private static long move64(long word) {
    return shifts64(word) ^ OUT_OF_64[(int) word & 0xf];
  }

  private static long shifts64(long word) {
    return word ^ word >>> 1 ^ word >>> 3 ^ word >>> 4;
  }

  private static long shifts128(long word) {
    return word ^ word >>> 2 ^ word >>> 6 ^ word >>> 8;
  }

  private static long byteWise(long word, int bytes) {
    long crc = word;
    for (int i = 0; i < bytes; i++) {
      crc = stepByte(crc, 0);
    }
    return crc;
  }
}
