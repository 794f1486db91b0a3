package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Durations as Litestream's settings have them. */
class GoDurationTest {
  @ParameterizedTest
  @CsvSource({
    "1s, 1000",
    "250ms, 250",
    "1.5s, 1500",
    "1m30s, 90000",
    "2h, 7200000",
    "1h0m0.25s, 3600250",
    "0, 0",
    "' 1S ', 1000"
  })
  void isAsGoReadsIt(String text, long millis) {
    assertThat(GoDuration.parseMillis(text)).isEqualTo(millis);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", " ", "1", "s", "1x", "-1s", "1s 2s", "1e3s", "..s", "NaNs", "99999999999999h"})
  void isRefusedOtherwise(String text) {
    assertThatThrownBy(() -> GoDuration.parseMillis(text))
        .isInstanceOf(NumberFormatException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 250, 1000, 1500, 90_000, 7_200_000})
  void isWrittenSoThatItCanBeReadBack(long millis) {
    assertThat(GoDuration.parseMillis(GoDuration.format(millis))).isEqualTo(millis);
  }
}
