package dev.rivulet.ltx;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LtxHeaderTest {
  /** A header with no field empty, and nothing wrong. */
  private static final LtxHeader FULL =
      new LtxHeader(
          0,
          4096,
          0x01020304,
          new Txid(5),
          new Txid(0x8000000000000006L),
          -7,
          0x8000000000000008L,
          0x090A,
          0x0B0C,
          0x0D0E0F10,
          0x11121314,
          0x15161718191A1B1CL);

  @Test
  void everyFieldSurvivesWritingAndParsing() throws Exception {
    byte[] bytes = Examples.filled(LtxHeader.SIZE + 20, 0x55);
    FULL.writeTo(bytes, 10);
    assertThat(LtxHeader.parse(bytes, 10, LtxHeader.SIZE)).isEqualTo(FULL);
    assertThat(Arrays.copyOfRange(bytes, 90, 110)).containsOnly(0).hasSize(20);
    assertThat(bytes[9]).isEqualTo((byte) 0x55);
    assertThat(bytes[110]).isEqualTo((byte) 0x55);
  }

  @Test
  void reservedBytesMayHoldAnything() throws Exception {
    byte[] bytes = bytesOf(FULL);
    Arrays.fill(bytes, 80, 100, (byte) 0xEE);
    assertThat(LtxHeader.parse(bytes, 0, 100)).isEqualTo(FULL);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 3, 4, 99})
  void fewerThan100BytesAreATruncatedFile(int length) {
    assertThat(Failures.of(() -> LtxHeader.parse(bytesOf(FULL), 0, length)).kind())
        .isEqualTo(Kind.TRUNCATED);
  }

  @ParameterizedTest
  @ValueSource(strings = {"<!DOCTYPE html>", "L", "LTX2", "X", "SQLite format 3"})
  void anotherBeginningIsNoLtxFileHoweverShort(String text) throws Exception {
    byte[] bytes = text.getBytes(US_ASCII);
    Kind expected = text.equals("L") ? Kind.TRUNCATED : Kind.NOT_LTX;
    assertThat(Failures.of(() -> LtxHeader.parse(bytes, 0, bytes.length)).kind())
        .isEqualTo(expected);
  }

  /** Fields as offset and hex; the rest is that of a valid header of a file that is no snapshot. */
  @ParameterizedTest(name = "{2}")
  @CsvSource(
      delimiter = '|',
      value = {
        "4  | 00000001 | unknown flags 0x1",
        "4  | 80000000 | unknown flags 0x80000000",
        "8  | 00000000 | page size 0",
        "8  | 00000100 | page size 256",
        "8  | 00001001 | page size 4097",
        "8  | 00020000 | page size 131072",
        "8  | 80000000 | page size 2147483648",
        "12 | 80000000 | a database of 2147483648 pages",
        "12 | ffffffff | a database of 4294967295 pages",
        "16 | 0000000000000000 | TXID 0",
        "24 | 0000000000000000 | TXID 0",
        "16 | 8000000000000007 | is after maximum TXID",
        "48 | ffffffffffffffff | WAL offset -1",
        "56 | 8000000000000000 | WAL size -9223372036854775808",
        "48 | 0000000000000000 | WAL salts without a WAL offset",
        "40 | 0000000000000000 | the pre-apply checksum 0 is none",
        "40 | 7fffffffffffffff | the pre-apply checksum 7fffffffffffffff is none",
        "4  | 00000002 | a pre-apply checksum despite the no-checksum flag",
        "16 | 0000000000000001 | a snapshot has a checksum",
      })
  void aBrokenRuleIsNamed(int offset, String hex, String message) {
    byte[] bytes = bytesOf(FULL);
    byte[] field = Examples.hex(hex);
    System.arraycopy(field, 0, bytes, offset, field.length);
    LtxException e = Failures.of(() -> LtxHeader.parse(bytes, 0, 100));
    assertThat(e.kind()).isEqualTo(Kind.HEADER);
    assertThat(e).hasMessageContaining(message);
  }

  @Test
  void aWalSizeNeedsAWalOffset() {
    byte[] bytes = bytesOf(FULL);
    Arrays.fill(bytes, 48, 56, (byte) 0);
    Arrays.fill(bytes, 64, 72, (byte) 0);
    assertThat(Failures.of(() -> LtxHeader.parse(bytes, 0, 100)))
        .hasMessageContaining("WAL size 2828 without a WAL offset");
  }

  @Test
  void theFirstBrokenRuleIsTheOneReported() {
    byte[] bytes = new byte[100];
    bytes[0] = 'L';
    bytes[1] = 'T';
    bytes[2] = 'X';
    bytes[3] = '1';
    bytes[7] = 4;
    assertThat(Failures.of(() -> LtxHeader.parse(bytes, 0, 100)))
        .hasMessageContaining("unknown flags");
  }

  private static byte[] bytesOf(LtxHeader header) {
    byte[] bytes = new byte[LtxHeader.SIZE];
    header.writeTo(bytes, 0);
    return bytes;
  }
}
