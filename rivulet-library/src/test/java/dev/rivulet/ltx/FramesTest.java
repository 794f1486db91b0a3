package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.sun.management.ThreadMXBean;
import dev.rivulet.ltx.LtxException.Kind;
import dev.rivulet.natives.NativeMemory;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import java.util.Random;
import net.jpountz.lz4.LZ4Factory;
import net.jpountz.lz4.LZ4FrameOutputStream;
import net.jpountz.lz4.LZ4FrameOutputStream.BLOCKSIZE;
import net.jpountz.lz4.LZ4FrameOutputStream.FLG;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Frames compressed by another LZ4 implementation (lz4-java, its Java code) decode to the page. */
class FramesTest {
  private static final LZ4Factory JAVA_LZ4 = LZ4Factory.safeInstance();

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void blocksOfEveryPageSizeDecode(int pageSize) throws Exception {
    var random = new Random(pageSize);
    for (int round = 0; round < 40; round++) {
      byte[] page = page(random, pageSize, round);
      byte[] block = JAVA_LZ4.highCompressor().compress(page);
      assertDecodes(blockFrame(77, block), page);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 4096, 65536})
  void whatTheWriterCompressesTheOtherImplementationDecodes(int pageSize) throws Exception {
    var random = new Random(pageSize);
    for (int round = 0; round < 40; round++) {
      byte[] page = page(random, pageSize, round);
      var out = new ByteArrayOutputStream();
      var header = new LtxHeader(2, pageSize, 9, new Txid(2), new Txid(2), 0, 0, 0, 0, 0, 0, 0);
      var writer = new LtxWriter(out, header);
      writer.page(9, page);
      FrameIndex index = writer.finish().index();
      byte[] restored = new byte[pageSize];
      int start = LtxHeader.SIZE + Frames.BLOCK_HEADER_SIZE;
      int length = index.size(0) - Frames.BLOCK_HEADER_SIZE;
      assertThat(
              JAVA_LZ4.safeDecompressor().decompress(out.toByteArray(), start, length, restored, 0))
          .isEqualTo(pageSize);
      assertThat(restored).isEqualTo(page);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void lz4FramesOfEveryPageSizeAndKindDecode(int pageSize) throws Exception {
    var random = new Random(pageSize);
    for (int round = 0; round < 10; round += 3) {
      byte[] page = page(random, pageSize, round);
      for (BLOCKSIZE blockSize : BLOCKSIZE.values()) {
        assertDecodes(lz4Frame(page, blockSize, -1, FLG.Bits.BLOCK_INDEPENDENCE), page);
        assertDecodes(
            lz4Frame(page, blockSize, -1, FLG.Bits.BLOCK_INDEPENDENCE, FLG.Bits.CONTENT_CHECKSUM),
            page);
        assertDecodes(
            lz4Frame(
                page,
                blockSize,
                pageSize,
                FLG.Bits.BLOCK_INDEPENDENCE,
                FLG.Bits.CONTENT_SIZE,
                FLG.Bits.BLOCK_CHECKSUM,
                FLG.Bits.CONTENT_CHECKSUM),
            page);
      }
    }
  }

  /** 256 bytes stored, then a block that copies them from the block before and adds 5 more. */
  @Test
  void aLinkedBlockMayReferToTheOneBeforeAndAnIndependentOneMayNot() throws Exception {
    byte[] first = new byte[256];
    new Random(1).nextBytes(first);
    byte[] page = Arrays.copyOf(first, 512);
    System.arraycopy(first, 0, page, 256, 256);
    // Token: no literals, match of 251 = 19 + 232 at distance 256; then 5 literals.
    byte[] second =
        Examples.hex(
            "0f 0001 e8 50",
            "%02x%02x%02x%02x%02x"
                .formatted(page[507], page[508], page[509], page[510], page[511]));
    for (boolean linked : new boolean[] {true, false}) {
      var out = new ByteArrayOutputStream();
      out.writeBytes(Examples.hex("0000004d 0000 04224d18"));
      byte[] descriptor = {(byte) (linked ? 0x40 : 0x60), 0x40};
      out.writeBytes(descriptor);
      out.write(Xxh32.hash(descriptor, 0, 2) >>> 8);
      out.writeBytes(Examples.hex("00010080"));
      out.writeBytes(first);
      out.writeBytes(Examples.hex("0a000000"));
      out.writeBytes(second);
      out.writeBytes(Examples.hex("00000000"));
      if (linked) {
        assertDecodes(out.toByteArray(), page);
      } else {
        refused(out.toByteArray(), 77, 512, "damaged");
      }
    }
  }

  @ParameterizedTest(name = "{1}")
  @CsvSource(
      delimiter = '|',
      value = {
        "04224d19 6470b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | not an LZ4 frame",
        "04224d18 2470b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | descriptor",
        "04224d18 6670b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | descriptor",
        "04224d18 64f0b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | descriptor",
        "04224d18 6430b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | descriptor",
        "04224d18 6570b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | dictionary",
        "04224d18 6470b8 0c000000 1f410100ffe8504141414141 00000000 95f53d4c | header checksum",
        "04224d18 6470b9 0c000000 1f410100ffe8504141414141 00000000 95f53d4d | content checksum",
        "04224d18 6470b9 0c000000 1f410100ffe8504141414141 00000000 95f53d   | does not end",
        "04224d18 6470b9 0c000000 1f410100ffe8504141414141 00000000          | does not end",
        "04224d18 6470b9 0c000000 1f410100ffe8504141414141                   | ends early",
        "04224d18 6470b9 0c000000 1f410100ffe85041414141                     | cannot have 12",
        "04224d18 6470b9 ffffff7f 1f410100ffe8504141414141 00000000 95f53d4c | cannot have 2147",
        "04224d18 6470b9 ffffffff 1f410100ffe8504141414141 00000000 95f53d4c | cannot have 2147",
        "04224d18 6470b9 00000080 1f410100ffe8504141414141 00000000 95f53d4c | cannot have 0",
        "04224d18 6470b9 0c000000 1f410200ffe8504141414141 00000000 95f53d4c | damaged",
      })
  void aDamagedLz4FrameIsRefusedWithTheReason(String hex, String reason) {
    byte[] intact =
        Examples.hex(
            "0000004d 0000 04224d186470b90c0000001f410100ffe85041414141410000000095f53d4c");
    assertDecodesQuietly(intact, Examples.filled(512, 'A'));
    refused(Examples.hex("0000004d 0000", hex), 77, 512, reason);
  }

  @Test
  void aBlockChecksumThatDoesNotMatchIsRefused() throws Exception {
    byte[] frame =
        lz4Frame(
            Examples.filled(512, 7),
            BLOCKSIZE.SIZE_64KB,
            -1,
            FLG.Bits.BLOCK_INDEPENDENCE,
            FLG.Bits.BLOCK_CHECKSUM);
    frame[frame.length - 5] ^= 1;
    refused(frame, 77, 512, "block checksum");
  }

  @Test
  void aContentSizeThatIsNotThePageSizeIsRefused() throws Exception {
    byte[] page = Examples.filled(1024, 7);
    byte[] frame =
        lz4Frame(
            page, BLOCKSIZE.SIZE_64KB, 1024, FLG.Bits.BLOCK_INDEPENDENCE, FLG.Bits.CONTENT_SIZE);
    assertDecodes(frame, page);
    refused(frame, 77, 512, "not one of 512 bytes");
  }

  @Test
  void aFrameOfAnotherPageOrLengthIsRefused() {
    byte[] frame = blockFrame(77, JAVA_LZ4.fastCompressor().compress(new byte[512]));
    refused(frame, 78, 512, "it is one of page 77");
    refused(frame, 77, 1024, "decodes to 512 bytes instead of 1024");
    refused(Arrays.copyOf(frame, frame.length + 1), 77, 512, "but its block has");
    refused(Arrays.copyOf(frame, frame.length - 1), 77, 512, "but its block has");
    refused(Arrays.copyOf(frame, 10), 77, 512, "only 10 bytes");
    refused(new byte[0], 77, 512, "only 0 bytes");
  }

  @Test
  void aRangeOutsideTheArrayIsACallersMistake() {
    byte[] frame = new byte[50];
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> Frames.decode(frame, 40, 11, 1, 512, new byte[512], 0));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> Frames.decode(frame, 0, 50, 1, 512, new byte[512], 1));
  }

  @Test
  void decodingABlockIntoMemoryAllocatesNothing() throws Exception {
    var threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    byte[] frame = blockFrame(77, JAVA_LZ4.fastCompressor().compress(new byte[4096]));
    long memory = NativeMemory.allocate(4096);
    try {
      Frames.decode(frame, 0, frame.length, 77, 4096, memory);
      long before = threads.getCurrentThreadAllocatedBytes();
      for (int i = 0; i < 1000; i++) {
        Frames.decode(frame, 0, frame.length, 77, 4096, memory);
      }
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(1000);
    } finally {
      NativeMemory.free(memory);
    }
  }

  /** Decodes both ways, into an array with bytes around, and into memory. */
  private static void assertDecodes(byte[] frame, byte[] page) throws LtxException {
    byte[] around = Arrays.copyOf(new byte[] {1, 2, 3}, 3 + frame.length + 3);
    System.arraycopy(frame, 0, around, 3, frame.length);
    byte[] to = Examples.filled(page.length + 10, 0x55);
    Frames.decode(around, 3, frame.length, 77, page.length, to, 5);
    assertThat(Arrays.copyOfRange(to, 5, page.length + 5)).isEqualTo(page);
    assertThat(to[4]).isEqualTo((byte) 0x55);
    assertThat(to[page.length + 5]).isEqualTo((byte) 0x55);

    long memory = NativeMemory.allocate(page.length);
    try {
      Frames.decode(around, 3, frame.length, 77, page.length, memory);
      byte[] copy = new byte[page.length];
      NativeMemory.read(memory, copy, 0, copy.length);
      assertThat(copy).isEqualTo(page);
    } finally {
      NativeMemory.free(memory);
    }
  }

  private static void assertDecodesQuietly(byte[] frame, byte[] page) {
    try {
      assertDecodes(frame, page);
    } catch (LtxException e) {
      throw new AssertionError(e);
    }
  }

  private static void refused(byte[] frame, int pgno, int pageSize, String reason) {
    LtxException e =
        Failures.of(
            () -> Frames.decode(frame, 0, frame.length, pgno, pageSize, new byte[pageSize], 0));
    assertThat(e.kind()).isEqualTo(Kind.FRAME);
    assertThat(e).hasMessageContaining(reason);
    long memory = NativeMemory.allocate(pageSize);
    try {
      LtxException same =
          Failures.of(() -> Frames.decode(frame, 0, frame.length, pgno, pageSize, memory));
      assertThat(same).hasMessage(e.getMessage());
    } finally {
      NativeMemory.free(memory);
    }
  }

  private static byte[] blockFrame(int pgno, byte[] block) {
    byte[] frame = Arrays.copyOf(new byte[10], 10 + block.length);
    BigEndian.putInt(frame, 0, pgno);
    BigEndian.putShort(frame, 4, 1);
    BigEndian.putInt(frame, 6, block.length);
    System.arraycopy(block, 0, frame, 10, block.length);
    return frame;
  }

  private static byte[] lz4Frame(byte[] page, BLOCKSIZE blockSize, long size, FLG.Bits... bits)
      throws IOException {
    var out = new ByteArrayOutputStream();
    out.writeBytes(Examples.hex("0000004d 0000"));
    try (var frame = new LZ4FrameOutputStream(out, blockSize, size, bits)) {
      frame.write(page);
    }
    return out.toByteArray();
  }

  /** From all equal to incompressible. */
  private static byte[] page(Random random, int pageSize, int round) {
    byte[] page = new byte[pageSize];
    int noise = round * pageSize / 9;
    for (int i = 0; i < pageSize; i++) {
      page[i] = (byte) (random.nextInt(pageSize) < noise ? random.nextInt() : i >> 6);
    }
    return page;
  }
}
