package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.StoreException.Kind;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How long hydration waits after a failure. */
class HydrationTroubleTest {
  /** The pieces of a large file, and nothing that an open or a query reads. */
  private static boolean isPiece(GetRequest get) {
    return get.range().length() > 1 << 20;
  }

  @TempDir Path folder;

  private final ReplicaBuilder replica = new ReplicaBuilder(512);

  /** Of more than a piece, and not begun. */
  private Hydration hydration(Opened opened) throws IOException {
    HydrationSettings settings =
        Opened.settings(Map.of("hydration_path", folder.resolve("local.db").toString()))
            .hydration();
    return new Hydration(
        opened.database, settings, opened.database.publisher().newest(), List.of(), Opened.NEVER);
  }

  private Opened opened() {
    replica.touch(40_000);
    var _ = replica.snapshot();
    replica.retainLevel0After(1);
    return new Opened(replica, 1 << 20);
  }

  @Test
  void aStoreThatFailsNowAndThenIsWaitedForShortlyAndOneThatOnlyFailsLonger() throws Exception {
    Opened opened = opened();
    try (Session session = opened.session()) {
      assertThat(session.txid()).isNotNull();
      Hydration hydration = hydration(opened);
      long[] pauses = new long[7];
      for (int i = 0; i < pauses.length; i++) {
        // What came before the cut is in the file; the next try brings more of it, or fails at
        // once.
        boolean more = i < 3 || i == 5;
        if (more) {
          opened.store.cutNext(HydrationTroubleTest::isPiece, (i + 1) * 400_000L);
        } else {
          opened.store.failNext(HydrationTroubleTest::isPiece, Kind.TEMPORARY);
        }
        pauses[i] = hydration.turn();
      }
      assertThat(pauses).containsExactly(250, 250, 250, 500, 1000, 250, 500);
      hydration.close(true);
    }
  }

  @Test
  void whatFailsBecauseItEndsIsNoTrouble() throws Exception {
    Opened opened = opened();
    try (Session session = opened.session()) {
      assertThat(session.txid()).isNotNull();
      Hydration hydration = hydration(opened);
      opened.store.beforeNextGet(() -> hydration.close(false));
      opened.store.failNext(HydrationTroubleTest::isPiece, Kind.TEMPORARY);
      assertThat(hydration.turn()).isZero();
      assertThat(hydration.state().trouble()).isNull();
      hydration.close(true);
    }
  }
}
