package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * Every error of a decoder in the format's description, by its number there, as a file that has
 * this one error. (1 to 3 are also in {@link LtxHeaderTest}; 12 cannot happen here: buffers are the
 * decoder's own.)
 */
class DamagedFileTest {
  private static final byte[] PAGE = Examples.filled(512, 'A');

  @Test
  void theForgedFilesAreGoodUnlessSomethingIsBroken() throws Exception {
    assertThat(Forge.snapshot(1).page(1, 'A').build().length).isEqualTo(156);
    Failures.decode(Forge.snapshot(2).page(1, 'A').page(2, 'B').build(), 1);
    Failures.decode(Forge.update(9).page(2, 'A').page(7, 'B').build(), 1);
    Failures.decode(Forge.update(9).build(), 1);
  }

  @Test
  void e1and4and7and17and21_aFileThatEndsEarlyIsRefusedWhereverItEnds() {
    for (byte[] file : new byte[][] {Examples.twoPages(), Examples.onePageLegacy()}) {
      for (int length = 0; length < file.length; length++) {
        byte[] start = Arrays.copyOf(file, length);
        assertThat(Failures.ofDecoding(start).kind())
            .as("%d bytes of %d", length, file.length)
            .isEqualTo(Kind.TRUNCATED);
      }
    }
  }

  @Test
  void e2_anotherMagic() {
    byte[] file = Examples.onePage();
    file[3] = '2';
    refused(file, Kind.NOT_LTX, "does not begin with \"LTX1\"");
  }

  @Test
  void e3_anInvalidHeader() {
    byte[] file = Examples.onePage();
    file[4] = 1;
    refused(file, Kind.HEADER, "unknown flags");
  }

  @Test
  void e5_pageZeroWithFlags() {
    refused(Forge.update(9).endMarker("000000000001"), Kind.FRAME, "page 0");
  }

  @Test
  void e6_unknownPageFlags() {
    refused(frame("00000001 0002 0000000c"), Kind.FRAME, "unknown flags 0x0002");
    refused(frame("00000001 8001 0000000c"), Kind.FRAME, "unknown flags 0x8001");
  }

  @Test
  void e8_aBlockThatIsDamagedOrLongerThanAPage() {
    refused(frame("00000001 0001 00000001 ff"), Kind.FRAME, "damaged");
    // A match that begins before the page.
    refused(frame("00000001 0001 0000000c 1f410200ffe8504141414141"), Kind.FRAME, "damaged");
    // 513 bytes: one more in the match.
    refused(frame("00000001 0001 0000000c 1f410100ffe9504141414141"), Kind.FRAME, "longer than");
  }

  @Test
  void e9_aBlockThatIsShorterThanAPage() {
    refused(
        frame("00000001 0001 0000000c 1f410100ffe7504141414141"),
        Kind.FRAME,
        "decodes to 511 bytes");
  }

  @Test
  void e10_aPayloadLengthBeyondWhatAPageCanNeed() {
    // The bound for 512 bytes is 512 + 2 + 16.
    refused(frame("00000001 0001 00000213"), Kind.FRAME, "a block of 531 bytes");
    refused(frame("00000001 0001 ffffffff"), Kind.FRAME, "a block of 4294967295 bytes");
    refused(frame("00000001 0001 80000000"), Kind.FRAME, "a block of 2147483648 bytes");
    refused(frame("00000001 0001 00000000"), Kind.FRAME, "a block of 0 bytes");
  }

  @Test
  void e10_anLz4FrameThatRunsOnBeyondWhatAPageCanNeed() {
    String header = "00000001 0000 04224d186470b9";
    refused(frame(header + "ffffff7f"), Kind.FRAME, "at least 2147483668 bytes, too many");
    refused(frame(header + "ffffffff"), Kind.FRAME, "at least 2147483668 bytes, too many");
    refused(frame(header + "0100008041".repeat(2000)), Kind.FRAME, "too many for a page");
    // Far more bytes than a frame can have: no more than that are looked at.
    refused(
        frame(header + "00020080" + "41".repeat(512) + "60000080" + "42".repeat(96) + "07ff0700"),
        Kind.FRAME,
        "at least 633 bytes, too many");
  }

  @Test
  void e11_anLz4FrameOfAnotherLengthThanAPage() {
    // Checked before the content checksum, which would not fit either.
    refused(
        frame("00000001 0000 04224d186470b9 0c000000 1f410100ffe7504141414141 0000000095f53d4c"),
        Kind.FRAME,
        "decodes to 511 bytes");
    refused(
        frame("00000001 0000 04224d186470b9 0c000000 1f410100ffe9504141414141 0000000095f53d4c"),
        Kind.FRAME,
        "longer than the page");
    refused(
        frame(
            "00000001 0000 04224d186470b9 0c000000 1f410100ffe8504141414141"
                + "01000080 41 0000000095f53d4c"),
        Kind.FRAME,
        "longer than the page");
  }

  @Test
  void e13_pagesOutOfOrderOrTwice() {
    refused(Forge.update(9).page(3, 'A').page(2, 'B'), Kind.FRAME, "page 2 comes after page 3");
    refused(Forge.update(9).page(3, 'A').page(3, 'B'), Kind.FRAME, "page 3 comes after page 3");
  }

  @Test
  void e14_aPageBeyondTheDatabase() {
    refused(Forge.update(9).page(10, 'A'), Kind.FRAME, "page 10 lies beyond");
    refused(Forge.update(9).page(-1, 'A'), Kind.FRAME, "page 4294967295 lies beyond");
  }

  @Test
  void e15_theLockPage() {
    int lockPage = PageSize.lockPage(512);
    refused(Forge.update(lockPage + 5).page(lockPage, 'A'), Kind.FRAME, "is the lock page");
  }

  @Test
  void e16_aSnapshotWithMissingPages() {
    refused(Forge.snapshot(3).page(2, 'A'), Kind.FRAME, "page 1 is missing");
    refused(Forge.snapshot(3).page(1, 'A').page(3, 'A'), Kind.FRAME, "page 2 is missing");
    refused(Forge.snapshot(3).page(1, 'A').page(2, 'A'), Kind.FRAME, "page 3 is missing");
  }

  @Test
  void e18_aNumberInTheIndexThatIsTooLongOrCut() {
    refused(entries("808080808080808080808001 00"), Kind.INDEX, "more than 64 bits");
    refused(entries("80808080808080808002 00"), Kind.INDEX, "more than 64 bits");
    refused(entries("01 ffffffffffffffffffff7f"), Kind.INDEX, "more than 64 bits");
    refused(entries("80"), Kind.INDEX, "");
  }

  @Test
  void e19_anIndexLengthThatIsNotTheRealOne() {
    refused(page().indexLength(3), Kind.INDEX, "length field says 3 bytes, but it has 4");
    refused(page().indexLength(5), Kind.INDEX, "length field says 5 bytes");
    refused(page().indexLength(-1), Kind.INDEX, "length field says 18446744073709551615 bytes");
  }

  @Test
  void e20_anIndexThatIsNotThatOfTheFrames() {
    refused(entries("00"), Kind.INDEX, "its frames end at offset 100");
    refused(entries("026416 00"), Kind.INDEX, "entry 0 is not frame 0");
    refused(entries("016516 00"), Kind.INDEX, "said to be at offset 101");
    refused(entries("016417 00"), Kind.INDEX, "its frames end at offset 123");
    refused(entries("01640b 02 6f0b 00"), Kind.INDEX, "entry 0 is not frame 0");
    refused(entries("01640a 00"), Kind.INDEX, "cannot have 10 bytes");
    refused(entries("0164ffff03 00"), Kind.INDEX, "cannot have 65535 bytes");
    refused(entries("016416 0a7a16 00"), Kind.INDEX, "page 10 lies beyond");
    refused(entries("016416 017a16 00"), Kind.INDEX, "page 1 comes after page 1");
    refused(entries("ffffffffffffffffff01 6416 00"), Kind.INDEX, "lies beyond");
  }

  @Test
  void e22_aFlippedBitInHashedBytesOrInThePage() {
    byte[] file = Examples.twoPages();
    for (int at : new int[] {32, 99, 111, 121, 133, 143, file.length - 1}) {
      byte[] flipped = file.clone();
      flipped[at] ^= 1;
      assertThat(Failures.ofDecoding(flipped).kind()).as("byte %d", at).isEqualTo(Kind.CHECKSUM);
    }
  }

  /** Some bits of an LZ4 block mean nothing, so not every flipped bit is damage. */
  @Test
  void e22_noFlippedBitOfAnyByteChangesWhatIsRead() throws Exception {
    for (byte[] file : new byte[][] {Examples.twoPages(), Examples.onePageLegacy()}) {
      int unnoticed = 0;
      for (int bit = 0; bit < file.length * 8; bit++) {
        byte[] flipped = file.clone();
        flipped[bit / 8] ^= (byte) (1 << (bit % 8));
        try {
          assertThat(Failures.contents(flipped)).isEqualTo(Failures.contents(file));
          unnoticed++;
        } catch (LtxException expected) {
          assertThat(expected.kind()).isNotNull();
        }
      }
      assertThat(unnoticed).as("bits that may be flipped").isLessThan(20);
    }
  }

  @Test
  void e23_bytesAfterTheTrailer() {
    byte[] file = Examples.onePage();
    refused(Arrays.copyOf(file, file.length + 1), Kind.TRAILER, "bytes follow the trailer");
  }

  @Test
  void e24_aDatabaseChecksumThatIsNotThatOfThePages() {
    var header = new LtxHeader(0, 512, 1, new Txid(1), new Txid(9), 0, 0, 0, 0, 0, 0, 0);
    refused(
        Forge.of(header).page(1, 'A').postApplyChecksum(0xe1b3111ab98cc554L),
        Kind.CHECKSUM,
        "database checksum");
  }

  @Test
  void e25_aTrailerThatBreaksItsRules() {
    refused(page().postApplyChecksum(1L << 63), Kind.TRAILER, "despite the no-checksum flag");
    refused(page().fileChecksum(0), Kind.TRAILER, "invalid file checksum");
    refused(page().fileChecksum(Long.MAX_VALUE), Kind.TRAILER, "invalid file checksum");
    long before = 0x8000000000000005L;
    var checksummed = new LtxHeader(0, 512, 9, new Txid(7), new Txid(9), 0, before, 0, 0, 0, 0, 0);
    refused(Forge.of(checksummed).page(1, 'A'), Kind.TRAILER, "invalid post-apply checksum");
    var deletion = new LtxHeader(0, 512, 0, new Txid(7), new Txid(9), 0, before, 0, 0, 0, 0, 0);
    refused(Forge.of(deletion).postApplyChecksum(before), Kind.TRAILER, "the database is deleted");
  }

  @Test
  void e26_finishingBeforeTheEndMarker() throws Exception {
    byte[] file = Examples.onePage();
    var decoder = new LtxDecoder((pgno, page) -> {});
    decoder.accept(file, 0, 122);
    assertThat(Failures.of(decoder::finish).kind()).isEqualTo(Kind.TRUNCATED);
  }

  @Test
  void e27_callsInTheWrongState() throws Exception {
    var decoder = new LtxDecoder((pgno, page) -> {});
    assertThatIllegalStateException().isThrownBy(decoder::header);
    assertThatIllegalStateException().isThrownBy(decoder::index);
    byte[] noFile = new byte[100];
    Failures.of(() -> decoder.accept(noFile, 0, 100));
    assertThatIllegalStateException().isThrownBy(() -> decoder.accept(noFile, 0, 100));
    assertThatIllegalStateException().isThrownBy(decoder::finish);
  }

  private static Forge page() {
    return Forge.update(9).page(1, 'A');
  }

  private static Forge frame(String hex) {
    return Forge.update(9).frame(1, Examples.hex(hex), PAGE);
  }

  private static Forge entries(String hex) {
    return page().entries(hex);
  }

  private static void refused(Forge forge, Kind kind, String message) {
    refused(forge.build(), kind, message);
  }

  private static void refused(byte[] file, Kind kind, String message) {
    LtxException e = Failures.ofDecoding(file);
    assertThat(e.kind()).as(e.toString()).isEqualTo(kind);
    assertThat(e).hasMessageContaining(message);
  }
}
