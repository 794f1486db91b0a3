package dev.rivulet.testing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.Exchange.Kind;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class TrafficTest {

  @Test
  void requestsAtOnceAreOneRoundTrip() {
    assertThat(new Traffic(List.of(from(0, 10), from(1, 9), from(2, 12))).inSequence()).isOne();
  }

  @Test
  void theLongestChainCountsNotTheFirstOne() {
    // The long request is the first; the chain of three runs beside it.
    Traffic traffic = new Traffic(List.of(from(0, 100), from(1, 10), from(10, 20), from(21, 30)));
    assertThat(traffic.inSequence()).isEqualTo(3);
    assertThat(traffic.mostAtOnce()).isEqualTo(2);
  }

  @Test
  void aRequestThatNeverEndedIsTheLastOfItsChain() {
    Traffic traffic = new Traffic(List.of(from(0, 10), running(11), running(12)));
    assertThat(traffic.inSequence()).isEqualTo(2);
  }

  @Test
  void nothingIsNoRoundTrip() {
    assertThat(new Traffic(List.of()).inSequence()).isZero();
  }

  private static Exchange from(long start, long end) {
    return exchange(start, OptionalLong.of(end));
  }

  private static Exchange running(long start) {
    return exchange(start, OptionalLong.empty());
  }

  private static Exchange exchange(long start, OptionalLong end) {
    return new Exchange(Kind.GET, "bucket/key", null, 200, 0, 1, start, end, end);
  }
}
