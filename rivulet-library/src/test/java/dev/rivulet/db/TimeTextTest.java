package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TimeTextTest {
  @ParameterizedTest
  @CsvSource({
    "1767225604000, 2026-01-01T00:00:04.000Z",
    "1767225604001, 2026-01-01T00:00:04.001Z",
    "1767225604500, 2026-01-01T00:00:04.500Z",
    "0, 1970-01-01T00:00:00.000Z",
    "-1, 1969-12-31T23:59:59.999Z",
  })
  void millisecondsHaveThreeDigitsAlways(long millis, String text) {
    assertThat(TimeText.of(millis)).isEqualTo(text);
  }

  @Test
  void textsCompareAsTheTimesDo() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long first = Instant.parse("2026-01-01T00:00:00Z").toEpochMilli();
    for (int i = 0; i < 10_000; i++) {
      // Often of one second, and often a full one.
      long one = first + random.nextInt(3) * 500L;
      long other = first + random.nextInt(1500);
      assertThat(Integer.signum(TimeText.of(one).compareTo(TimeText.of(other))))
          .as("seed %d, %d and %d", seed, one, other)
          .isEqualTo(Long.compare(one, other));
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {Long.MIN_VALUE, Long.MAX_VALUE})
  void aTimeThatNobodyCanMeanHasATextToo(long millis) {
    assertThat(Instant.parse(TimeText.of(millis)).toEpochMilli()).isEqualTo(millis);
  }
}
