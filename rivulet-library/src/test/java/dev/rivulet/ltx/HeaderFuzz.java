package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.MethodSource;

/** Any bytes as a header: refused as one, or understood so well that writing gives them back. */
class HeaderFuzz {
  private static final int FIELDS_END = 80;

  static Stream<byte[]> seeds() {
    return FuzzSeeds.files().map(file -> Arrays.copyOf(file, LtxHeader.SIZE));
  }

  @MethodSource("seeds")
  @FuzzTest(maxDuration = "5s")
  void header(byte[] bytes) {
    LtxHeader header;
    try {
      header = LtxHeader.parse(bytes, 0, bytes.length);
    } catch (LtxException refused) {
      return;
    }
    byte[] written = new byte[LtxHeader.SIZE];
    header.writeTo(written, 0);
    assertThat(Arrays.equals(written, 0, FIELDS_END, bytes, 0, FIELDS_END)).isTrue();
    assertThat(header.commit()).isNotNegative();
  }
}
