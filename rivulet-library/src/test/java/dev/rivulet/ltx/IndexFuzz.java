package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a page index, in one piece and byte by byte: refused by both ways or by none, and an
 * accepted one answers without a contradiction.
 */
class IndexFuzz {
  private static final LtxHeader UPDATE = header(2);
  private static final LtxHeader SNAPSHOT = header(1);

  private static LtxHeader header(long minTxid) {
    return new LtxHeader(2, 65536, 20_000, new Txid(minTxid), new Txid(9), 0, 0, 0, 0, 0, 0, 0);
  }

  static Stream<byte[]> seeds() {
    var longer = new ByteArrayOutputStream();
    long offset = LtxHeader.SIZE;
    for (int pgno = 16_370; pgno < 16_400; pgno++) {
      if (pgno != PageSize.lockPage(65536)) {
        Forge.varint(longer, pgno);
        Forge.varint(longer, offset);
        Forge.varint(longer, 300);
        offset += 300;
      }
    }
    longer.writeBytes(Examples.hex("00 0000000000000000"));
    return Stream.of(
        Examples.hex("00 0000000000000001"),
        Examples.hex("016416 00 0000000000000004"),
        Examples.hex("016416 027a16 00 0000000000000007"),
        longer.toByteArray());
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void index(byte[] bytes) {
    for (LtxHeader header : new LtxHeader[] {UPDATE, SNAPSHOT}) {
      byte[] fixed = bytes.clone();
      long end = fixUp(fixed);
      FrameIndex whole = parse(header, fixed, end, fixed.length);
      FrameIndex bytewise = parse(header, fixed, end, 1);
      assertThat(whole == null).isEqualTo(bytewise == null);
      if (whole != null && bytewise != null) {
        assertThat(whole.firstDifference(bytewise)).isEqualTo(-1);
        checkAnswers(whole);
      }
    }
  }

  /**
   * Sets the length field to the length there is, so that the fuzzer need not hit it, and guesses
   * where the frames end: at the last entry's offset plus its size.
   */
  private static long fixUp(byte[] bytes) {
    if (bytes.length < 9) {
      return LtxHeader.SIZE;
    }
    BigEndian.putLong(bytes, bytes.length - 8, bytes.length - 8);
    long[] lastThree = new long[3];
    long value = 0;
    for (int i = 0, shift = 0; i < bytes.length - 9; i++) {
      value |= (long) (bytes[i] & 0x7f) << shift;
      shift += 7;
      if (bytes[i] >= 0) {
        lastThree = new long[] {lastThree[1], lastThree[2], value};
        value = 0;
        shift = 0;
      }
    }
    return lastThree[1] == 0 ? LtxHeader.SIZE : lastThree[1] + lastThree[2];
  }

  private static @Nullable FrameIndex parse(
      LtxHeader header, byte[] bytes, long framesEnd, int piece) {
    var parser = new IndexParser(header, framesEnd + 6, bytes.length - 8);
    try {
      for (int at = 0; at < bytes.length; at += piece) {
        parser.accept(bytes, at, Math.min(piece, bytes.length - at));
      }
      return parser.finish();
    } catch (LtxException refused) {
      return null;
    }
  }

  private static void checkAnswers(FrameIndex index) {
    long offset = LtxHeader.SIZE;
    for (int rank = 0; rank < index.count(); rank++) {
      assertThat(index.rank(index.pgno(rank))).isEqualTo(rank);
      assertThat(index.offset(rank)).isEqualTo(offset);
      assertThat(index.rankAtOffset(offset)).isEqualTo(rank);
      offset += index.size(rank);
    }
    assertThat(index.framesEnd()).isEqualTo(offset);
  }
}
