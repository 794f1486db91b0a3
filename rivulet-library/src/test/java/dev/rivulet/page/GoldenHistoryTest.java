package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.Fixtures;
import dev.rivulet.Fixtures.Fixture;
import dev.rivulet.Fixtures.State;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.FileStore;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every state of every replica that Litestream made, by TXID and by time: the plan exists where
 * Litestream has one, and gives the same bytes.
 */
class GoldenHistoryTest {
  /** 1.1 GB at each of its 47 states; its newest one is read through a session elsewhere. */
  private static final String HUGE = "lockpage";

  static Stream<Fixture> fixtures() {
    return Fixtures.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void everyStateIsWhatLitestreamRestores(Fixture fixture) throws Exception {
    Map<String, Long> times = new HashMap<>();
    for (Fixtures.LtxFile file : fixture.files()) {
      times.put("ltx/" + file.level() + "/" + file.name(), file.time().toEpochMilli());
    }
    PageCache cache = new PageCache(64 << 20);
    try (FileStore store = new FileStore(fixture.replica())) {
      List<LtxFile> files = new Replica(store, Layout.DECIMAL).listAll().join();
      assertThat(files).hasSameSizeAs(fixture.files());
      ReplicaPages pages = new ReplicaPages(store, cache);
      Map<Plan, String> known = new HashMap<>();
      for (State state : fixture.byTxid()) {
        Txid txid = Txid.parse(java.util.Objects.requireNonNull(state.txid()));
        check(fixture, state, pages, known, () -> Planner.at(files, txid));
      }
      for (State state : fixture.byTime()) {
        long time = java.util.Objects.requireNonNull(state.time()).toEpochMilli();
        check(
            fixture,
            state,
            pages,
            known,
            () -> Planner.before(files, f -> times.getOrDefault(f.key(), 0L), time));
      }
    }
  }

  private interface Planning {
    Plan plan() throws PlanException;
  }

  private static void check(
      Fixture fixture, State state, ReplicaPages pages, Map<Plan, String> known, Planning planning)
      throws IOException {
    Plan plan;
    try {
      plan = planning.plan();
    } catch (PlanException e) {
      assertThat(state.error()).as("%s: %s", state, e.getMessage()).isNotNull();
      return;
    }
    String error = state.error();
    if (error != null) {
      // The program refuses times after the newest file, where the newest state is the answer.
      assertThat(error).as("%s", state).isEqualTo("timestamp does not exist");
      assertThat(plan.txid()).isEqualTo(newest(fixture));
      return;
    }
    if (fixture.name().equals(HUGE)) {
      return;
    }
    String digest = known.get(plan);
    if (digest == null) {
      digest = digest(pages, plan);
      known.put(plan, digest);
    }
    assertThat(digest).as("%s", state).isEqualTo(state.sha256());
  }

  private static Txid newest(Fixture fixture) {
    return fixture.files().stream()
        .map(f -> Txid.parse(f.name().substring(17, 33)))
        .max(Txid::compareTo)
        .orElseThrow();
  }

  private static String digest(ReplicaPages pages, Plan plan) throws IOException {
    View view = pages.view(plan, 1).join();
    PageReader reader = pages.reader();
    byte[] database = new byte[(int) view.bytes()];
    for (int pgno = 1; pgno <= view.commit(); pgno++) {
      if (pgno != PageSize.lockPage(view.pageSize())) {
        byte[] page = Lab.read(reader, view, pgno);
        System.arraycopy(page, 0, database, (pgno - 1) * view.pageSize(), page.length);
      }
    }
    return Fixtures.digest(new ByteArrayInputStream(database));
  }
}
