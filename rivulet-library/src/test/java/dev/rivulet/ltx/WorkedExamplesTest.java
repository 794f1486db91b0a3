package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The worked examples of the format's description, byte for byte, both ways. */
class WorkedExamplesTest {
  static Stream<Arguments> examples() {
    return Stream.of(
        example("one page", Examples::onePage),
        example("checksummed", Examples::onePageChecksummed),
        example("deletion", Examples::deletion),
        example("LZ4 frame", Examples::onePageLegacy),
        example("two pages", Examples::twoPages));
  }

  private static Arguments example(String name, Supplier<byte[]> file) {
    return Arguments.of(name, file.get());
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void everyExampleDecodesHoweverItIsCut(String name, byte[] file) throws Exception {
    for (int cut = 1; cut <= file.length; cut++) {
      var pages = new TreeMap<Integer, byte[]>();
      var decoder = new LtxDecoder((pgno, page) -> pages.put(pgno, page.clone()));
      for (int at = 0; at < file.length; at += cut) {
        byte[] piece = Arrays.copyOfRange(file, at, Math.min(at + cut, file.length));
        decoder.accept(piece, 0, piece.length);
      }
      LtxTrailer trailer = decoder.finish();
      assertThat(trailer.fileChecksum()).isEqualTo(BigEndian.getLong(file, file.length - 8));
      assertThat(pages).hasSize(decoder.header().commit());
      pages.forEach(
          (pgno, page) -> assertThat(page).isEqualTo(Examples.filled(512, 'A' + pgno - 1)));
    }
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("examples")
  void writingWhatWasReadGivesTheSameBytesWhereBlocksWereUsed(String name, byte[] file)
      throws Exception {
    byte[] expected = name.equals("LZ4 frame") ? Examples.onePage() : file;
    var out = new ByteArrayOutputStream();
    var writer = new LtxWriter(out, LtxHeader.parse(file, 0, file.length));
    var decoder =
        new LtxDecoder((pgno, page) -> {
          try {
            writer.page(pgno, page);
          } catch (LtxException e) {
            throw new AssertionError(e);
          }
        });
    decoder.accept(file, 0, file.length);
    decoder.finish();
    LtxWriter.Result result = writer.finish();
    assertThat(out.toByteArray()).isEqualTo(expected);
    assertThat(result.size()).isEqualTo(expected.length);
    assertThat(result.trailer().fileChecksum())
        .isEqualTo(BigEndian.getLong(expected, expected.length - 8));
  }

  @Test
  void theIndexOfTwoPagesIsFoundFromTheTail() throws Exception {
    byte[] file = Examples.twoPages();
    LtxHeader header = LtxHeader.parse(file, 0, file.length);
    LtxTail tail = LtxTail.parse(file, file.length - LtxTrailer.TAIL_SIZE, file.length);
    var parser = new IndexParser(header, tail.indexStart(), tail.indexLength());
    parser.accept(file, (int) tail.indexStart(), (int) tail.indexLength() + Long.BYTES);
    FrameIndex index = parser.finish();
    assertThat(index.count()).isEqualTo(2);
    assertThat(index.offset(1)).isEqualTo(122);
    assertThat(index.size(1)).isEqualTo(22);
    assertThat(index.framesEnd()).isEqualTo(144);
    byte[] page = new byte[512];
    Frames.decode(file, 122, 22, 2, 512, page, 0);
    assertThat(page).isEqualTo(Examples.filled(512, 'B'));
  }
}
