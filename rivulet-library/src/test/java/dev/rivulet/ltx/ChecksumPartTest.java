package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ChecksumPartTest {
  static Stream<byte[]> files() {
    return Stream.of(Examples.onePage(), Examples.onePageLegacy(), Examples.twoPages());
  }

  @ParameterizedTest
  @MethodSource("files")
  void ofHeaderFramesAndTheRestTheFileChecksumComesOut(byte[] file) throws Exception {
    LtxDecoder decoder = new LtxDecoder((pgno, page) -> {});
    decoder.accept(file, 0, file.length);
    LtxTrailer trailer = decoder.finish();
    FrameIndex index = decoder.index();

    List<ChecksumPart> parts = new ArrayList<>();
    parts.add(new ChecksumPart());
    parts.getFirst().bytes(file, 0, LtxHeader.SIZE);
    for (int rank = 0; rank < index.count(); rank++) {
      int offset = (int) index.offset(rank);
      byte[] page = new byte[600];
      Frames.decode(file, offset, index.size(rank), index.pgno(rank), 512, page, 50);
      parts.add(new ChecksumPart());
      parts.getLast().frame(file, offset, page, 50, 512);
    }
    ChecksumPart last = new ChecksumPart();
    int end = (int) index.framesEnd();
    last.bytes(file, end, 6);
    last.bytes(file, end + 6, file.length - end - 6 - Long.BYTES);
    parts.add(last);
    assertThat(ChecksumPart.join(parts.stream().map(ChecksumPart::sum).toList()))
        .isEqualTo(trailer.fileChecksum());
  }

  @Test
  void nothingHasTheChecksumOfNothing() {
    assertThat(ChecksumPart.join(List.of())).isEqualTo(new Crc64().checksum());
    assertThat(ChecksumPart.join(List.of(new ChecksumPart().sum(), new ChecksumPart().sum())))
        .isEqualTo(new Crc64().checksum());
  }
}
