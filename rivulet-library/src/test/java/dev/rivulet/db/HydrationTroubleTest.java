package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.StoreException.Kind;
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

  @Test
  void aStoreThatFailsNowAndThenIsWaitedForShortlyAndOneThatOnlyFailsLonger() throws Exception {
    ReplicaBuilder replica = new ReplicaBuilder(512);
    replica.touch(40_000);
    var _ = replica.snapshot();
    replica.retainLevel0After(1);
    Opened opened = new Opened(replica, 1 << 20);
    try (Session session = opened.session()) {
      assertThat(session.txid()).isNotNull();
      HydrationSettings settings =
          Opened.settings(Map.of("hydration_path", folder.resolve("local.db").toString()))
              .hydration();
      Hydration hydration =
          new Hydration(
              opened.database,
              settings,
              opened.database.publisher().newest(),
              List.of(),
              Opened.NEVER);
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
}
