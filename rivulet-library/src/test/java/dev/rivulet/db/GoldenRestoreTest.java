package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.rivulet.Fixtures;
import dev.rivulet.Fixtures.Fixture;
import dev.rivulet.Fixtures.State;
import dev.rivulet.ltx.Txid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What Litestream restores, we restore: every state of every golden replica. */
class GoldenRestoreTest {
  /** Its states have 1.1 GB each: of them only the newest is restored. */
  private static final String HUGE = "lockpage";

  @TempDir Path folder;

  static List<Fixture> replicas() {
    return Fixtures.all();
  }

  static List<Fixture> replicasWithManySmallStates() {
    return Fixtures.all().stream().filter(fixture -> !fixture.name().equals(HUGE)).toList();
  }

  @ParameterizedTest
  @MethodSource("replicas")
  void restoresTheNewestState(Fixture fixture) throws IOException {
    check(fixture, new Moment.Latest(), fixture.latest());
  }

  @ParameterizedTest
  @MethodSource("replicasWithManySmallStates")
  void restoresEachTxid(Fixture fixture) throws IOException {
    for (State state : fixture.byTxid()) {
      check(fixture, new Moment.At(Txid.parse(String.valueOf(state.txid()))), state);
    }
  }

  @ParameterizedTest
  @MethodSource("replicasWithManySmallStates")
  void restoresEachTime(Fixture fixture) throws IOException {
    for (State state : fixture.byTime()) {
      var time = state.time();
      assertThat(time).isNotNull();
      if (time != null) {
        State expected = newestIfLater(fixture, state);
        check(fixture, new Moment.Before(time.toEpochMilli()), expected);
      }
    }
  }

  /**
   * After its last change Litestream calls a time unknown; every change older than it is the newest
   * state.
   */
  private static State newestIfLater(Fixture fixture, State state) {
    return "timestamp does not exist".equals(state.error()) ? fixture.latest() : state;
  }

  private void check(Fixture fixture, Moment point, State state) throws IOException {
    Path output = folder.resolve("out.db");
    try (OpenReplica replica = OpenReplica.open("file://" + fixture.replica(), name -> null)) {
      Throwable thrown =
          catchThrowable(
              () -> Restore.run(replica, point, output, false, (done, total) -> {}, () -> false));
      if (state.error() != null) {
        assertThat(thrown).as("%s %s", fixture, state).isInstanceOf(IOException.class);
        assertThat(output).doesNotExist();
        return;
      }
      assertThat(thrown).as("%s %s", fixture, state).isNull();
    }
    assertThat(output).as("%s %s", fixture, state).hasSize(state.size());
    try (InputStream in = Files.newInputStream(output)) {
      assertThat(Fixtures.digest(in)).as("%s %s", fixture, state).isEqualTo(state.sha256());
    }
    Files.delete(output);
    try (var left = Files.list(folder)) {
      assertThat(left).isEmpty();
    }
  }
}
