package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.Fixtures;
import dev.rivulet.Fixtures.Fixture;
import dev.rivulet.Fixtures.LtxFile;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every file that Litestream wrote, as the manifests of the golden replicas describe it. */
class GoldenFilesTest {
  private static final int PIECE = 8192;

  static List<Fixture> fixtures() {
    return Fixtures.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void everyFileDecodesWithItsChecksumsAndIsWhatTheManifestSays(Fixture fixture) throws Exception {
    assertThat(fixture.files()).isNotEmpty();
    for (LtxFile file : fixture.files()) {
      byte[] bytes = Files.readAllBytes(fixture.path(file));
      assertThat(bytes).as(file.name()).hasSize((int) file.size());
      assertThat(Fixtures.sha256(bytes)).as(file.name()).isEqualTo(file.sha256());
      assertDecodesTheSameInOrderAndAtRandom(fixture, file, bytes);
    }
  }

  private static void assertDecodesTheSameInOrderAndAtRandom(
      Fixture fixture, LtxFile file, byte[] bytes) throws Exception {
    LtxHeader header = LtxHeader.parse(bytes, 0, bytes.length);
    assertThat(header.pageSize()).isEqualTo(fixture.pageSize());
    assertThat(header.commit()).isEqualTo(file.commit());
    assertThat(header.timestampMillis()).isEqualTo(file.time().toEpochMilli());
    assertThat(header.minTxid() + "-" + header.maxTxid() + ".ltx").isEqualTo(file.name());

    FrameIndex index = indexFromTheTail(header, bytes);
    int pageSize = header.pageSize();
    byte[] single = new byte[pageSize];
    var decoder =
        new LtxDecoder((pgno, page) -> {
          int rank = index.rank(pgno);
          int start = (int) index.offset(rank);
          byte[] frame = Arrays.copyOfRange(bytes, start, start + index.size(rank));
          try {
            Frames.decode(frame, 0, frame.length, pgno, pageSize, single, 0);
          } catch (LtxException e) {
            throw new AssertionError(file.name(), e);
          }
          assertThat(Arrays.mismatch(single, page)).isEqualTo(-1);
        });
    // In small arrays: under -Xcheck:jni, native code gets a copy of the whole array each time.
    byte[] piece = new byte[PIECE];
    for (int at = 0; at < bytes.length; at += PIECE) {
      int length = Math.min(PIECE, bytes.length - at);
      System.arraycopy(bytes, at, piece, 0, length);
      decoder.accept(piece, 0, length);
    }
    decoder.finish();
    assertThat(decoder.header()).isEqualTo(header);
    assertThat(decoder.index().firstDifference(index)).isEqualTo(-1);
  }

  private static FrameIndex indexFromTheTail(LtxHeader header, byte[] bytes) throws LtxException {
    LtxTail tail = LtxTail.parse(bytes, bytes.length - LtxTrailer.TAIL_SIZE, bytes.length);
    var parser = new IndexParser(header, tail.indexStart(), tail.indexLength());
    parser.accept(bytes, (int) tail.indexStart(), (int) tail.indexLength() + Long.BYTES);
    return parser.finish();
  }
}
