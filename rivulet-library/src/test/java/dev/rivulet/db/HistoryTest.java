package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryTest {
  @Test
  void everyStateThatAPlanReachesIsThereAndNoOther() throws Exception {
    long seed = System.nanoTime();
    HeaderOnlyReplica replica = new HeaderOnlyReplica();
    for (int round = 0; round < 150; round++) {
      HeaderOnlyReplicas.fill(replica, new Random(seed + round));
      List<Txid> reachable = new ArrayList<>();
      for (int txid = 1; txid < 90; txid++) {
        try {
          Planner.at(replica.files, new Txid(txid));
          reachable.add(new Txid(txid));
        } catch (PlanException e) {
          // not one of them
        }
      }
      assertThat(History.ends(replica.files))
          .as("seed %d", seed + round)
          .extracting(LtxFile::max)
          .containsExactlyElementsOf(reachable);
      replica.files.clear();
    }
  }

  @Test
  void aStateIsToldByTheFileThatEndsThereAndItsHeaderWhenThatWasRead() throws Exception {
    ReplicaBuilder builder = new ReplicaBuilder(512);
    builder.touch(4);
    builder.touch(4, 2);
    builder.touch(4, 3);
    builder.merge(1, 1, 2);
    builder.delete(0, 1, 1);
    Opened opened = new Opened(builder);
    try (Session session = opened.session()) {
      LtxFile merged = builder.file(1, 1, 2);
      LtxFile last = builder.file(0, 3, 3);
      opened.store.forget();
      assertThat(session.history(false))
          .containsExactly(
              new History.State(new Txid(2), 1, merged.size(), merged.modifiedMillis(), null),
              new History.State(new Txid(3), 0, last.size(), last.modifiedMillis(), null));
      assertThat(opened.store.gets()).isZero();
      assertThat(session.history(true))
          .extracting(History.State::timeMillis)
          .containsExactly(builder.time(2), builder.time(3));
      assertThat(opened.store.gets()).isEqualTo(2);
      assertThat(session.history(false))
          .as("known from then on")
          .extracting(History.State::timeMillis)
          .containsExactly(builder.time(2), builder.time(3));
    }
  }
}
