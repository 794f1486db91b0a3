package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.LtxException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LtxTailTest {
  @Test
  void theIndexIsFoundInTheShortestFile() throws Exception {
    byte[] file = Examples.deletion();
    assertThat(LtxTail.parse(file, file.length - 24, file.length)).isEqualTo(new LtxTail(106, 1));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, -1, Long.MIN_VALUE, 71, 1L << 49, Long.MAX_VALUE})
  void aLengthThatPointsOutsideTheFileIsRefused(long length) {
    byte[] tail = new byte[24];
    BigEndian.putLong(tail, 0, length);
    assertThat(Failures.of(() -> LtxTail.parse(tail, 0, 200)).kind()).isEqualTo(Kind.INDEX);
  }

  @Test
  void theLongestIndexThatFitsIsAccepted() throws Exception {
    byte[] tail = new byte[24];
    BigEndian.putLong(tail, 0, 70);
    assertThat(LtxTail.parse(tail, 0, 200)).isEqualTo(new LtxTail(106, 70));
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 24, 130, -5})
  void aFileShorterThanAnyIsTruncated(long fileSize) {
    byte[] tail = new byte[24];
    tail[7] = 1;
    assertThat(Failures.of(() -> LtxTail.parse(tail, 0, fileSize)).kind())
        .isEqualTo(Kind.TRUNCATED);
  }
}
