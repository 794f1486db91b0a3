package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class NetworkModelTest {
  private static final long MILLIS = 1_000_000;

  @Test
  void theFirstRequestReplacesWhatWasAssumed() {
    NetworkModel model = new NetworkModel();
    assertThat(model.roundTripBytes()).isEqualTo(1_000_000);
    model.observe(850_000, 25 * MILLIS, 10 * MILLIS);
    assertThat(model.latencySeconds()).isCloseTo(0.025, within(1e-9));
    assertThat(model.bytesPerSecond()).isCloseTo(85e6, within(1.0));
    assertThat(model.roundTripBytes()).isEqualTo(2_125_000);
  }

  @Test
  void oneSlowRequestShiftsTheLatencyByAnEighth() {
    NetworkModel model = new NetworkModel();
    model.observe(1000, 20 * MILLIS, 0);
    model.observe(1000, 420 * MILLIS, 0);
    assertThat(model.latencySeconds()).isCloseTo(0.070, within(1e-9));
  }

  @Test
  void smallBodiesSayNothingOfTheBandwidth() {
    NetworkModel model = new NetworkModel();
    model.observe(60_000, 20 * MILLIS, 1);
    assertThat(model.bytesPerSecond()).isEqualTo(50e6);
    model.observe(100_000, 20 * MILLIS, 0);
    assertThat(model.bytesPerSecond()).isEqualTo(50e6);
  }

  @Test
  void aStoreWithoutLatencyIsTakenForHalfAMillisecondAndAGigabyte() {
    NetworkModel model = new NetworkModel();
    model.observe(1_000_000, 0, 1);
    assertThat(model.roundTripBytes()).isEqualTo(500_000);
    model.observe(1_000_000, -5, 1); // a clock may be anything
    assertThat(model.roundTripBytes()).isEqualTo(500_000);
  }

  @Test
  void aKnownNetworkLearnsNothing() {
    NetworkModel model = NetworkModel.fixed(0.004, 85e6);
    model.observe(1 << 20, 500 * MILLIS, 500 * MILLIS);
    assertThat(model.roundTripBytes()).isEqualTo(340_000);
  }
}
