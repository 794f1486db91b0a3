package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.rivulet.Fixtures;
import dev.rivulet.Fixtures.Fixture;
import dev.rivulet.Fixtures.State;
import dev.rivulet.ltx.Txid;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every state of every replica that Litestream made, on one session that jumps between them. */
class GoldenTravelTest {
  /**
   * Of the states that are larger, every one is gone to, and so many, by chance, are read whole.
   */
  private static final int LARGE = 64 << 20;

  private static final int LARGE_READ = 2;

  static Stream<Fixture> fixtures() {
    return Fixtures.all().stream();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void everyMomentIsWhatLitestreamRestoresInAnyOrder(Fixture fixture) throws Exception {
    long seed = System.nanoTime();
    List<State> states = new ArrayList<>(fixture.byTxid());
    states.addAll(fixture.byTime());
    Collections.shuffle(states, new Random(seed));
    Settings settings =
        Settings.resolve("file://" + fixture.replica().toAbsolutePath(), Map.of(), name -> null);
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      int large = 0;
      for (State state : states) {
        large += state.size() > LARGE ? 1 : 0;
        boolean whole = state.size() <= LARGE || large <= LARGE_READ;
        check(session, state, whole, "seed " + seed + ", " + state);
      }
      session.travel(Moment.LATEST);
      assertThat(digest(session)).isEqualTo(fixture.latest().sha256());
    }
  }

  private static void check(Session session, State state, boolean whole, String what)
      throws Exception {
    Instant time = state.time();
    Moment moment =
        time != null
            ? MomentParser.parse(time.toString(), 0)
            : new Moment.At(Txid.parse(String.valueOf(state.txid())));
    if (state.sha256() == null) {
      refused(session, moment, what);
      return;
    }
    Reached reached = session.travel(moment);
    assertThat(session.size()).as(what).isEqualTo(state.size());
    if (whole) {
      assertThat(digest(session)).as(what).isEqualTo(state.sha256());
    }
    if (time != null) {
      assertThat(reached.timeMillis()).as(what).isLessThan(time.toEpochMilli());
    } else {
      assertThat(reached.txid()).as(what).isEqualTo(((Moment.At) moment).txid());
    }
  }

  /** Where Litestream has none, there is none or, where it fails though the data is there, one. */
  private static void refused(Session session, Moment moment, String what) throws IOException {
    String before = session.txid();
    try {
      Reached reached = session.travel(moment);
      if (moment instanceof Moment.At at) {
        assertThat(reached.txid()).as(what).isEqualTo(at.txid());
      }
    } catch (IOException e) {
      assertThat(e).as(what).hasMessageContaining("cannot give");
      assertThat(session.txid()).as(what).isEqualTo(before);
    }
  }

  private static String digest(Session session) throws IOException {
    return Fixtures.digest(new GoldenReplicasTest.SessionStream(session));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("fixtures")
  void aMomentBeforeTheFirstNamesTheFirst(Fixture fixture) throws Exception {
    Settings settings =
        Settings.resolve("file://" + fixture.replica().toAbsolutePath(), Map.of(), name -> null);
    try (Session session = Databases.open(settings, Opened.NEVER)) {
      assertThatThrownBy(() -> session.travel(MomentParser.parse("2001-01-01", 0)))
          .hasMessageContaining("the oldest state that can be had is that of 20");
    }
  }
}
