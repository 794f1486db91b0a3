package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.host.LiveReader.Answer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Connections that stay open beside a live primary, through compaction, retention, shrinks, VACUUM
 * and restarts: every answer is one transaction's state, and a new one soon.
 *
 * <p>{@code ./soak} runs it for as long as one likes.
 */
@Tag("host")
class LiveFollowHostTest {
  private static final long SECONDS = Long.getLong("rivulet.live.seconds", 60);

  /** The primary is restarted so often, every other time as a crash. */
  private static final long RESTART_SECONDS = 13;

  /** Not a measurement: that new states arrive at all, on any machine. */
  private static final long MOST_MILLIS = 5_000;

  @TempDir Path folder;

  @Test
  void openConnectionsFollowAndNeverSeeAnythingButOneTransactionsState() throws Exception {
    try (LivePrimary primary = new LivePrimary(folder)) {
      Map<String, String> environment = S3Host.environment(primary.url);
      primary.awaitReplica();
      List<CompletableFuture<List<Answer>>> following =
          List.of(
              LiveReader.python(environment, SECONDS),
              LiveReader.forgetful(environment, SECONDS),
              LiveReader.hydrated(environment, folder.resolve("local.db"), SECONDS),
              LiveReader.jdbc(primary.url, environment, SECONDS));
      CompletableFuture<List<Answer>> paused = LiveReader.paused(environment, SECONDS);
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS);
      boolean crash = false;
      while (end - System.nanoTime() > TimeUnit.SECONDS.toNanos(RESTART_SECONDS)) {
        TimeUnit.SECONDS.sleep(RESTART_SECONDS);
        primary.restart(crash);
        crash = !crash;
      }
      List<Long> delays = new ArrayList<>();
      for (int i = 0; i < following.size(); i++) {
        List<Answer> answers = following.get(i).get();
        assertThat(answers).hasSizeGreaterThan((int) SECONDS);
        assertThat(answers).as("reader " + i).filteredOn(a -> !a.isRight()).isEmpty();
        assertThat(answers.stream().map(Answer::txid)).isSorted();
        delays.addAll(delays(primary.arrivals(), answers));
      }
      List<Answer> late = paused.get();
      List<Answer> errors = late.stream().filter(a -> a.txid() == 0).toList();
      assertThat(late).filteredOn(a -> a.txid() != 0).isNotEmpty();
      assertThat(late).filteredOn(a -> a.txid() != 0 && !a.isRight()).isEmpty();
      assertThat(errors).as("each pause may end in one").allMatch(a -> a.text().contains("I/O"));
      assertThat(primary.stop()).as("transactions").isGreaterThan((int) SECONDS);

      delays.sort(null);
      long p50 = delays.get(delays.size() / 2);
      long p99 = delays.get(delays.size() * 99 / 100);
      System.out.printf(
          "From an object's arrival to its rows being read: p50 %d ms, p99 %d ms (%d times);"
              + " %d paused transactions, %d ended in the error for that%n",
          p50, p99, delays.size(), late.size() - errors.size(), errors.size());
      assertThat(p99).isLessThan(MOST_MILLIS);
    }
  }

  /** For each new file: how long after its arrival a reader had read a state that includes it. */
  private static List<Long> delays(NavigableMap<Long, Long> arrivals, List<Answer> answers) {
    List<Long> delays = new ArrayList<>();
    long began = answers.getFirst().millis();
    long seen = answers.getFirst().txid();
    for (Answer answer : answers) {
      if (answer.txid() > seen) {
        for (long arrived : arrivals.subMap(seen, false, answer.txid(), true).values()) {
          if (arrived > began) {
            delays.add(Math.max(0, answer.millis() - arrived));
          }
        }
        seen = answer.txid();
      }
    }
    return delays;
  }
}
