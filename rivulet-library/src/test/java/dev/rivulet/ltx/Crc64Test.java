package dev.rivulet.ltx;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class Crc64Test {
  @Test
  void theCheckValueOfGoIsoComesOut() {
    assertThat(crc("123456789".getBytes(US_ASCII))).isEqualTo(0xB90956C775A41001L);
  }

  @Test
  void nothingHasCrcZero() {
    assertThat(crc(new byte[0])).isZero();
  }

  @Test
  void everyLengthAndAlignmentAgreesWithTheDefinition() {
    byte[] bytes = new byte[200];
    new Random(7).nextBytes(bytes);
    for (int from = 0; from < 20; from++) {
      for (int to = from; to <= bytes.length; to++) {
        var crc = new Crc64();
        crc.update(bytes, from, to - from);
        assertThat(crc.value()).as("bytes %d to %d", from, to).isEqualTo(slow(bytes, from, to));
      }
    }
  }

  @Test
  void piecesGiveTheSameAsTheWhole() {
    byte[] bytes = new byte[1 << 16];
    var random = new Random(8);
    random.nextBytes(bytes);
    for (int round = 0; round < 200; round++) {
      var crc = new Crc64();
      for (int at = 0; at < bytes.length; ) {
        int length = Math.min(bytes.length - at, random.nextInt(3000));
        crc.update(bytes, at, length);
        at += length;
      }
      assertThat(crc.value()).isEqualTo(crc(bytes));
    }
  }

  @Test
  void theCrcsOfPiecesGiveThatOfTheWhole() {
    byte[] bytes = new byte[1 << 16];
    var random = new Random(9);
    random.nextBytes(bytes);
    for (int round = 0; round < 200; round++) {
      int cut = round == 0 ? 0 : round == 1 ? bytes.length : random.nextInt(bytes.length);
      long first = slow(bytes, 0, cut);
      long second = slow(bytes, cut, bytes.length);
      assertThat(Crc64.join(first, second, bytes.length - cut)).isEqualTo(crc(bytes));
    }
  }

  @Test
  void anIntegerCountsAsItsFourBytes() {
    var crc = new Crc64();
    crc.updateInt(0x81A2B3C4);
    assertThat(crc.value()).isEqualTo(crc(Examples.hex("81a2b3c4")));
  }

  @Test
  void theStoredFormAlwaysHasBit63() {
    var crc = new Crc64();
    assertThat(crc.checksum()).isEqualTo(PageChecksum.FLAG);
    crc.reset();
    crc.update("123456789".getBytes(US_ASCII), 0, 9);
    assertThat(crc.checksum()).isEqualTo(0xB90956C775A41001L);
  }

  private static long crc(byte[] bytes) {
    var crc = new Crc64();
    crc.update(bytes, 0, bytes.length);
    return crc.value();
  }

  /** The definition: one bit after the other. */
  private static long slow(byte[] bytes, int from, int to) {
    long crc = -1;
    for (int i = from; i < to; i++) {
      crc ^= bytes[i] & 0xff;
      for (int bit = 0; bit < 8; bit++) {
        crc = (crc & 1) != 0 ? crc >>> 1 ^ 0xD800000000000000L : crc >>> 1;
      }
    }
    return ~crc;
  }
}
