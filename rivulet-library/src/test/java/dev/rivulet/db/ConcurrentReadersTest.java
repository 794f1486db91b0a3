package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ReplicaBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

/** Sixteen threads read while the database moves on: every transaction sees one exact state. */
class ConcurrentReadersTest {
  private static final int TRANSACTIONS = 60;
  private static final int PAGES = 400;

  @Test
  void everyTransactionOfEveryThreadReadsOneState() throws Exception {
    long seed = System.nanoTime();
    ReplicaBuilder replica = new ReplicaBuilder(4096);
    Map<String, byte[]> states = new ConcurrentHashMap<>();
    replica.touch(PAGES);
    states.put("0000000000000001", replica.database(1));
    // A cache smaller than the database: pages are evicted and fetched again all the time.
    Opened opened = new Opened(replica, 1 << 20);
    opened.session().close();
    AtomicBoolean done = new AtomicBoolean();
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < 16; t++) {
      long own = seed + t;
      tasks.add(() -> readUntil(done, opened, states, new Random(own)));
    }
    int read = 0;
    try (var pool = Executors.newFixedThreadPool(16)) {
      List<Future<Integer>> readers = new ArrayList<>();
      tasks.forEach(task -> readers.add(pool.submit(task)));
      try {
        Random random = new Random(seed);
        for (int i = 0; i < TRANSACTIONS; i++) {
          replica.random(random, PAGES);
          states.put("%016x".formatted(replica.txid()), replica.database(replica.txid()));
          if (i % 7 == 6) {
            replica.merge(1, replica.txid() - 6, replica.txid());
          }
          if (i % 20 == 19) {
            replica.snapshot();
          }
          opened.follow();
        }
      } finally {
        done.set(true);
      }
      for (Future<Integer> reader : readers) {
        read += reader.get();
      }
    }
    assertThat(read).as("seed %d", seed).isGreaterThan(16);
  }

  private static int readUntil(
      AtomicBoolean done, Opened opened, Map<String, byte[]> states, Random random)
      throws IOException {
    int transactions = 0;
    do {
      try (Session session = opened.database.openSession(Opened.settings(Map.of()), Opened.NEVER)) {
        opened.database.retain();
        for (int i = 0; i < 5; i++) {
          session.begin();
          byte[] right = states.get(session.txid());
          assertThat(right).isNotNull();
          if (right != null) {
            assertThat(session.size()).isEqualTo(right.length);
            for (int p = 0; p < 20; p++) {
              int pgno = 2 + random.nextInt(Math.max(1, right.length / 4096 - 1));
              if (pgno * 4096 <= right.length) {
                assertThat(Opened.read(session, (pgno - 1) * 4096L, 4096))
                    .isEqualTo(Arrays.copyOfRange(right, (pgno - 1) * 4096, pgno * 4096));
              }
            }
          }
          session.end();
          transactions++;
        }
      }
    } while (!done.get());
    return transactions;
  }
}
