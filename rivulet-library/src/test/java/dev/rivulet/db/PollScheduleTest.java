package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LongSummaryStatistics;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** When polls happen. Times in nanoseconds from 0. */
class PollScheduleTest {
  private static final long SECOND = 1_000_000_000L;

  private final PollSchedule schedule = new PollSchedule(1_000, 0, () -> 0);

  private long pollWhenDue() {
    long now = schedule.dueNanos();
    schedule.polling(now);
    schedule.polled(true);
    return now;
  }

  @Test
  void whileSomebodyReadsAPollComesEveryInterval() {
    for (int i = 1; i <= 100; i++) {
      schedule.read(schedule.dueNanos() - SECOND / 2);
      assertThat(pollWhenDue()).isEqualTo(i * SECOND);
    }
  }

  @Test
  void whenNobodyReadsPollsBecomeRareUpToOneAMinute() {
    long last = 0;
    long gap = 0;
    for (int i = 0; i < 40; i++) {
      long now = pollWhenDue();
      assertThat(now - last).isGreaterThanOrEqualTo(gap).isLessThanOrEqualTo(60 * SECOND);
      gap = now - last;
      last = now;
    }
    assertThat(gap).isEqualTo(60 * SECOND);
  }

  @Test
  void whoReadsAfterAPauseMustPollAndThenPollsAreFrequentAgain() {
    for (int i = 0; i < 40; i++) {
      pollWhenDue();
    }
    long now = schedule.dueNanos() - 30 * SECOND;
    schedule.read(now);
    assertThat(schedule.mustPoll(now)).isTrue();
    schedule.polling(now);
    schedule.polled(true);
    assertThat(schedule.mustPoll(now + 5 * SECOND)).isFalse();
    assertThat(schedule.dueNanos()).isEqualTo(now + SECOND);
  }

  @Test
  void whileTheStoreFailsPollsBecomeRarerUpToEightSeconds() {
    long last = 0;
    long gap = 0;
    for (int i = 0; i < 10; i++) {
      long now = schedule.dueNanos();
      schedule.read(now);
      schedule.polling(now);
      schedule.polled(false);
      assertThat(now - last).isGreaterThanOrEqualTo(gap);
      gap = now - last;
      last = now;
    }
    assertThat(gap).isEqualTo(8 * SECOND);
    schedule.polled(true);
    assertThat(schedule.dueNanos()).isEqualTo(last + SECOND);
  }

  @Test
  void anIntervalIsNeverShorterThanAskedAndATwentiethLongerAtMost() {
    PollSchedule jittered = new PollSchedule(1_000, 0);
    for (int i = 0; i < 1_000; i++) {
      assertThat(jittered.dueNanos()).isBetween(SECOND, SECOND + SECOND / 20);
    }
  }

  @Test
  void intervalsDifferSoThatManyFollowersDoNotPollAtOnceForEver() {
    assertThat(new PollSchedule(1_000, 0, () -> 0.5).dueNanos())
        .isBetween(SECOND + SECOND / 40 - 1, SECOND + SECOND / 40);
    PollSchedule jittered = new PollSchedule(1_000, 0);
    LongSummaryStatistics due =
        LongStream.generate(jittered::dueNanos).limit(1_000).summaryStatistics();
    assertThat(due.getMax() - due.getMin()).isGreaterThan(SECOND / 40);
  }

  @Test
  void anIntervalLongerThanTheLimitsIsKept() {
    schedule.setIntervalMillis(600_000);
    schedule.polled(false);
    assertThat(schedule.dueNanos()).isEqualTo(600 * SECOND);
  }
}
