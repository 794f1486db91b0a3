package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The plan of a time, and which headers are read for it. */
class TimePlannerTest {
  private static final long SECOND = 1000;

  private final HeaderOnlyReplica replica = new HeaderOnlyReplica();

  /**
   * One transaction a second for a day, merged every 30 s, 5 min and hour; 5 minutes of level 0.
   */
  private void dayOld(LongUnaryOperator clock, LongUnaryOperator upload) {
    int day = 86_400;
    int[] spans = {1, 30, 300, 3600};
    for (int level = 0; level < 4; level++) {
      for (long min = level == 0 ? day - 299 : 1; min <= day; min += spans[level]) {
        long max = min + spans[level] - 1;
        replica.add(level, min, max, clock.applyAsLong(max), upload.applyAsLong(max));
      }
    }
    for (long max : new long[] {1, 43_000}) {
      replica.add(9, 1, max, clock.applyAsLong(max), upload.applyAsLong(max));
    }
  }

  private String plan(long before) throws IOException {
    return text(() ->
        new TimePlanner(new Headers(replica.store))
            .plan(replica.files, before, Opened.NEVER)
            .plan());
  }

  private String withAllHeaders(long before) throws IOException {
    return text(() -> Planner.before(replica.files, replica::time, before));
  }

  private interface Planning {
    Plan plan() throws IOException;
  }

  private static String text(Planning planning) throws IOException {
    try {
      return planning.plan().files().stream().map(LtxFile::key).collect(Collectors.joining("\n"));
    } catch (PlanException e) {
      return "refused";
    }
  }

  @Test
  void onADayOldReplicaFewHeadersAreReadBesideThoseOfThePlan() throws IOException {
    dayOld(max -> max * SECOND, max -> max * SECOND + 300);
    Random random = new Random(1);
    for (int i = 0; i < 30; i++) {
      long before = (2 + random.nextInt(86_400)) * SECOND;
      replica.store.forget();
      int rounds = probes(before);
      assertThat(rounds).as("rounds of probes").isEqualTo(1);
      assertThat(replica.store.gets()).as("headers read before the plan").isLessThanOrEqualTo(20);
    }
  }

  @Test
  void inABucketThatWasCopiedThreeRoundsOfProbesAreEnough() throws IOException {
    dayOld(max -> max * SECOND, max -> 200_000 * SECOND);
    Random random = new Random(2);
    for (int i = 0; i < 30; i++) {
      long before = (2 + random.nextInt(86_400)) * SECOND;
      replica.store.forget();
      int rounds = probes(before);
      assertThat(rounds).as("rounds of probes").isLessThanOrEqualTo(3);
      assertThat(replica.store.gets()).as("headers read before the plan").isLessThanOrEqualTo(54);
    }
  }

  /** Searches as the planner does; the plan's own headers come with its files and are not read. */
  private int probes(long before) throws IOException {
    Headers headers = new Headers(replica.store);
    TimeSearch search = new TimeSearch(replica.files, before);
    int rounds = 0;
    for (var probes = search.probes(); !probes.isEmpty(); probes = search.probes()) {
      rounds++;
      search.learn(read(headers, new ArrayList<>(probes)));
    }
    search.learn(read(headers, new ArrayList<>(search.checks())));
    Plan plan = search.plan();
    assertThat(plan).isNotNull();
    if (plan != null) {
      var own = new java.util.HashMap<LtxFile, Long>();
      plan.files().forEach(file -> own.put(file, replica.time(file)));
      search.learn(own);
    }
    assertThat(search.settled()).as("after one look at each").isTrue();
    assertThat(search.plan()).isEqualTo(Planner.before(replica.files, replica::time, before));
    return rounds;
  }

  private static java.util.Map<LtxFile, Long> read(Headers headers, List<LtxFile> files)
      throws IOException {
    var times = new java.util.HashMap<LtxFile, Long>();
    var read = headers.read(files, Opened.NEVER);
    for (int i = 0; i < files.size(); i++) {
      times.put(files.get(i), read.get(i).timestampMillis());
    }
    return times;
  }

  @Test
  void thePlanIsThatOfAllHeadersWhateverClocksCompactorsAndCopiesDid() throws IOException {
    long seed = System.nanoTime();
    for (int round = 0; round < 400; round++) {
      Random random = new Random(seed + round);
      HeaderOnlyReplicas.fill(replica, random);
      for (int i = 0; i < 12; i++) {
        long before = random.nextInt(90) * 100L;
        assertThat(plan(before))
            .as("seed %d, before %d", seed + round, before)
            .isEqualTo(withAllHeaders(before));
      }
      replica.files.clear();
    }
  }

  @Test
  void whereTheClockWasSetBackTheRuleOfLitestreamHoldsAndItIsSaid() throws IOException {
    // An hour ahead from 20 to 39, then right again.
    for (int txid = 1; txid <= 60; txid++) {
      long true_ = txid * SECOND;
      replica.add(0, txid, txid, txid >= 20 && txid < 40 ? true_ + 3600 * SECOND : true_, true_);
    }
    TimeSearch search = new TimeSearch(replica.files, 50 * SECOND);
    while (!search.settled()) {
      var wanted = new ArrayList<>(search.probes());
      wanted.addAll(search.checks());
      Plan plan = search.plan();
      if (plan != null) {
        wanted.addAll(plan.files());
      }
      var times = new java.util.HashMap<LtxFile, Long>();
      wanted.forEach(file -> times.put(file, replica.time(file)));
      search.learn(times);
    }
    Plan plan = search.plan();
    assertThat(plan).isNotNull();
    if (plan != null) {
      assertThat(plan.txid()).as("as restore has it").isEqualTo(new Txid(19));
      Txid beyond = search.leftOut().orElseThrow();
      assertThat(beyond).isGreaterThan(new Txid(39)).isLessThan(new Txid(50));
      assertThat(TimePlanner.endsEarly(plan, 50 * SECOND, beyond))
          .contains("this is the state at TXID 0000000000000013")
          .contains("clock was set back");
    }
    // A merged file counts with its newest time, and reaches over the step.
    replica.add(1, 11, 45, 45 * SECOND, 45 * SECOND);
    assertThat(plan(50 * SECOND)).isEqualTo(withAllHeaders(50 * SECOND)).endsWith("31.ltx");
  }

  @Test
  void headersAreReadOnce() throws IOException {
    dayOld(max -> max * SECOND, max -> max * SECOND + 300);
    Headers headers = new Headers(replica.store);
    var first = new TimePlanner(headers).plan(replica.files, 50_000 * SECOND, Opened.NEVER);
    replica.store.forget();
    assertThat(new TimePlanner(headers).plan(replica.files, 50_000 * SECOND, Opened.NEVER))
        .isEqualTo(first);
    assertThat(replica.store.requests()).isEmpty();
  }
}
