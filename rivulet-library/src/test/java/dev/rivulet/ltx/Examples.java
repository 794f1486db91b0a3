package dev.rivulet.ltx;

import java.util.Arrays;
import java.util.HexFormat;

/** Small LTX files, written out byte for byte after the format's description. */
final class Examples {
  private static final String BLOCK_OF_A = "1f410100ffe8504141414141";
  private static final String END_MARKER = "000000000000";

  private Examples() {}

  /** The smallest useful file as Litestream writes it: one page of 512 "A". */
  static byte[] onePage() {
    return hex(
        headerOfA("00000002"),
        "00000001 0001 0000000c" + BLOCK_OF_A,
        END_MARKER,
        "016416 00 0000000000000004",
        "0000000000000000 d6752cb827bfcfa3");
  }

  /** The same with database checksums. */
  static byte[] onePageChecksummed() {
    return hex(
        headerOfA("00000000"),
        "00000001 0001 0000000c" + BLOCK_OF_A,
        END_MARKER,
        "016416 00 0000000000000004",
        "e1b3111ab98cc555 cca8c7b71525886c");
  }

  /** The shortest legal file: the database was deleted. */
  static byte[] deletion() {
    return hex(
        "4c545831 00000000 00001000 00000000",
        "0000000000000005 0000000000000006",
        "00000000000007d0 8000000000000005",
        "00".repeat(0x64 - 0x30),
        END_MARKER,
        "00 0000000000000001",
        "8000000000000000 9bf813822a638080");
  }

  /** {@link #onePage} as an LZ4 frame. */
  static byte[] onePageLegacy() {
    return hex(
        headerOfA("00000002"),
        "00000001 0000",
        "04224d18 6470b9",
        "0c000000" + BLOCK_OF_A,
        "00000000 95f53d4c",
        END_MARKER,
        "016425 00 0000000000000004",
        "0000000000000000 dc494bb756cca258");
  }

  /** A page of 512 "A" and one of 512 "B". */
  static byte[] twoPages() {
    return hex(
        "4c545831 00000002 00000200 00000002",
        "0000000000000001 0000000000000003",
        "0000018cc251f47b 0000000000000000",
        "00".repeat(0x64 - 0x30),
        "00000001 0001 0000000c" + BLOCK_OF_A,
        "00000002 0001 0000000c 1f420100ffe8504242424242",
        END_MARKER,
        "016416 027a16 00 0000000000000007",
        "0000000000000000 a4ee5b7d2e50f68f");
  }

  private static String headerOfA(String flags) {
    return "4c545831"
        + flags
        + "00000200 00000001"
        + "0000000000000001 0000000000000001"
        + "0000018cc251f47b 0000000000000000"
        + "00".repeat(0x64 - 0x30);
  }

  /** A page filled with one byte. */
  static byte[] filled(int pageSize, int value) {
    byte[] page = new byte[pageSize];
    Arrays.fill(page, (byte) value);
    return page;
  }

  /** Bytes from hex digits; blanks may stand anywhere. */
  static byte[] hex(String... parts) {
    return HexFormat.of().parseHex(String.join("", parts).replace(" ", ""));
  }
}
