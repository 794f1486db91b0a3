package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadStreamTest {
  private static final long LEAST = 128 << 10;
  private static final long MOST = 8 << 20;
  private static final long ROUND_TRIP = 2_125_000;

  private static ReadStream stream() {
    return new ReadStream(2, 0, 0, LEAST);
  }

  @Test
  void theWindowGrowsFourfoldToItsLimitWhileWhatWasFetchedIsUsed() {
    ReadStream s = stream();
    long expected = LEAST;
    for (int i = 0; i < 10; i++) {
      s.spent(s.window, 0);
      s.saved(39 * ROUND_TRIP);
      s.adapt(LEAST, MOST, ROUND_TRIP);
      expected = Math.min(4 * expected, MOST);
      assertThat(s.window).isEqualTo(expected);
    }
    assertThat(s.window).isEqualTo(MOST);
  }

  @Test
  void theWindowShrinksToItsLeastWhenWhatWasFetchedIsNotUsed() {
    ReadStream s = stream();
    s.window = MOST;
    for (int i = 0; i < 20; i++) {
      s.spent(s.window, 0);
      s.adapt(LEAST, MOST, 0);
    }
    assertThat(s.window).isEqualTo(LEAST);
  }

  @Test
  void oneRoundTripsBytesAreAdvanced() {
    ReadStream s = stream();
    s.spent(ROUND_TRIP, 0);
    assertThat(s.pays(ROUND_TRIP)).isTrue();
    s.spent(1, 0);
    assertThat(s.pays(ROUND_TRIP)).isFalse();
    s.saved(1);
    assertThat(s.pays(ROUND_TRIP)).isTrue();
  }

  @Test
  void anOldMistakeIsForgottenByHalvesAtEachDecision() {
    ReadStream s = stream();
    s.spent(64 * ROUND_TRIP, 0);
    int decisions = 0;
    while (!s.pays(ROUND_TRIP)) {
      s.adapt(LEAST, MOST, ROUND_TRIP);
      decisions++;
    }
    assertThat(decisions).isEqualTo(6);
  }
}
