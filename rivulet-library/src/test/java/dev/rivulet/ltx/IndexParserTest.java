package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.rivulet.ltx.LtxException.Kind;
import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IndexParserTest {
  private static final LtxHeader HEADER = header(100_000);

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 23, 24, 25, 1000, 65536, Integer.MAX_VALUE})
  void piecesOfAnySizeGiveTheSameIndex(int piece) throws Exception {
    var random = new Random(piece);
    var builder = new FrameIndexBuilder(4096);
    var entries = new ByteArrayOutputStream();
    for (int pgno = 1; pgno < 90_000; pgno += 1 + random.nextInt(3)) {
      int size = Frames.MIN_SIZE + random.nextInt(4000);
      Forge.varint(entries, pgno);
      Forge.varint(entries, builder.framesEnd());
      Forge.varint(entries, size);
      builder.add(pgno, size);
    }
    entries.write(0);
    byte[] bytes = withLength(entries.toByteArray());
    FrameIndex expected = builder.build();

    var parser = new IndexParser(HEADER, expected.framesEnd() + 6, bytes.length - 8);
    for (int at = 0; at < bytes.length; at += Math.min(piece, bytes.length - at)) {
      parser.accept(bytes, at, Math.min(piece, bytes.length - at));
    }
    FrameIndex parsed = parser.finish();
    assertThat(parsed.firstDifference(expected)).isEqualTo(-1);
    assertThat(parsed.memoryBytes()).isEqualTo(expected.memoryBytes());
  }

  @ParameterizedTest(name = "{0}: {1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "01640b 00              | 117 |         ",
        "016496808000 00        | 128 |         ", // 22 with three bytes more than it needs
        "8100e4000b 8000        | 117 |         ",
        "01640b 00              | 118 | its frames end at offset 111",
        "01640b 036f0b 026f0b 00| 139 | page 2 comes after page 3",
        "01640b 017a0b 00       | 128 | page 1 comes after page 1",
        "01640b 02700b 00       | 129 | said to be at offset 112",
        "01640b 026e0b 00       | 127 | said to be at offset 110",
        "01630b 00              | 116 | said to be at offset 99",
        "01640a 00              | 116 | cannot have 10 bytes",
        "016400 00              | 106 | cannot have 0 bytes",
        "0164e121 00            | 106 | cannot have 4321 bytes",
        "0164ffffffffffffffffff01 00 | 106 | cannot have 18446744073709551615 bytes",
        "a18d06 640b 00         | 117 | page 100001 lies beyond",
        "ffffffff0f 640b 00     | 117 | page 4294967295 lies beyond",
        "01 ffffffffffffffffff02 0b 00 | 117 | more than 64 bits",
        "ffffffffffffffffffff01 640b 00| 117 | more than 64 bits",
        "ffffffffffffffffff8001 640b 00| 117 | more than 64 bits",
      })
  void entriesAreTakenOrRefusedWithTheReason(String hex, long indexStart, String reason) {
    byte[] bytes = withLength(Examples.hex(hex));
    for (int piece : new int[] {1, 5, bytes.length, 2 * bytes.length}) {
      // Bytes behind the index, which the parser is not given, so that whole entries are in reach.
      byte[] room = Arrays.copyOf(bytes, bytes.length + 100);
      if (reason == null) {
        parse(room, bytes.length, piece, indexStart);
      } else {
        LtxException e = Failures.of(() -> tryParse(room, bytes.length, piece, indexStart));
        assertThat(e.kind()).isEqualTo(Kind.INDEX);
        assertThat(e).hasMessageContaining(reason);
      }
    }
  }

  @Test
  void theLockPageIsRefused() {
    int lockPage = PageSize.lockPage(4096);
    var entries = new ByteArrayOutputStream();
    Forge.varint(entries, lockPage);
    entries.writeBytes(Examples.hex("640b 00"));
    byte[] bytes = withLength(entries.toByteArray());
    var parser = new IndexParser(header(lockPage + 9), 117, bytes.length - 8);
    assertThat(Failures.of(() -> parser.accept(bytes, 0, bytes.length)))
        .hasMessageContaining("lock page");
  }

  @Test
  void anIndexThatEndsEarlyIsRefused() throws Exception {
    byte[] bytes = withLength(Examples.hex("01640b 00"));
    for (int length = 0; length < bytes.length; length++) {
      var parser = new IndexParser(HEADER, 117, 4);
      parser.accept(bytes, 0, length);
      assertThat(Failures.of(parser::finish)).hasMessageContaining("ends early");
    }
  }

  @Test
  void anIndexOfAnotherLengthThanTheTailSaysIsRefused() {
    byte[] bytes = withLength(Examples.hex("01640b 00"));
    for (int said : new int[] {1, 3, 5, 1_000_000}) {
      var parser = new IndexParser(HEADER, 117, said);
      assertThat(Failures.of(() -> parser.accept(bytes, 0, bytes.length)).kind())
          .isEqualTo(Kind.INDEX);
    }
  }

  @Test
  void bytesBehindTheLengthFieldAreRefused() {
    byte[] bytes = withLength(Examples.hex("01640b 00"));
    var parser = new IndexParser(HEADER, 117, 4);
    assertThat(Failures.of(() -> parser.accept(Arrays.copyOf(bytes, 13), 0, 13)))
        .hasMessageContaining("bytes follow its end");
  }

  @Test
  void aHugeLengthCostsNoMemoryUntilItsEntriesCome() throws Exception {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] oneEntry = Examples.hex("01640b");
    long before = threads.getCurrentThreadAllocatedBytes();
    var parser = new IndexParser(header(Integer.MAX_VALUE), 1L << 50, 1L << 49);
    parser.accept(oneEntry, 0, oneEntry.length);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(100_000);
  }

  private static void parse(byte[] bytes, int length, int piece, long indexStart) {
    try {
      assertThat(tryParse(bytes, length, piece, indexStart).count()).isEqualTo(1);
    } catch (LtxException e) {
      throw new AssertionError(e);
    }
  }

  private static FrameIndex tryParse(byte[] bytes, int length, int piece, long indexStart)
      throws LtxException {
    var parser = new IndexParser(HEADER, indexStart, length - 8);
    for (int at = 0; at < length; at += piece) {
      parser.accept(bytes, at, Math.min(piece, length - at));
    }
    return parser.finish();
  }

  private static byte[] withLength(byte[] entries) {
    byte[] bytes = Arrays.copyOf(entries, entries.length + 8);
    BigEndian.putLong(bytes, entries.length, entries.length);
    return bytes;
  }

  private static LtxHeader header(int commit) {
    return new LtxHeader(2, 4096, commit, new Txid(2), new Txid(2), 0, 0, 0, 0, 0, 0, 0);
  }
}
