package dev.rivulet.bench;

import dev.rivulet.testing.Latency;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * What it costs a process to follow a 10 GB database of which ten pages change each second, and to
 * read a row a second meanwhile. The primary is a loop that uploads what Litestream would: a file
 * on level 0 each second, and one on level 1 for each 30 of them.
 */
final class FollowFigure {

  /** The JVM compiles what a follower does in its first polls, and the first plan is made again. */
  private static final int WARM_UP = 40;

  /** Three plans fall into it, at one each half minute. */
  private static final int SECONDS = 90;

  private static final int MERGED = 30;
  private static final double MOST_PERCENT = 2;

  /** What two pauses and two measurements write; a run that was killed may have left them. */
  private static final int MOST_TRANSACTIONS = 1 + 2 * (WARM_UP + SECONDS);

  /** A poll interval and its jitter, the round trips, and the rest for a busy machine. */
  private static final int MOST_SECONDS_BEHIND = 3;

  private final BenchServer server;
  private final Sqlite sqlite;
  private final Extension extension;

  /** The newest transaction, as the primary has it. */
  private int txid;

  FollowFigure(BenchServer server, Sqlite sqlite, Extension extension) {
    this.server = server;
    this.sqlite = sqlite;
    this.extension = extension;
  }

  /** The percentage of a core, at one and at two polls a second. */
  List<Fact> measure() throws IOException {
    server.proxy().reset(Latency.NEAR);
    removeTransactions();
    txid = 1;
    List<Fact> facts = new ArrayList<>();
    try (Sqlite.Session session = sqlite.session()) {
      session.ask(extension.open());
      for (String interval : List.of("1s", "500ms")) {
        session.ask("PRAGMA litestream_poll_interval='" + interval + "';");
        write(WARM_UP, session);
        Duration before = session.cpu();
        long begun = System.nanoTime();
        write(SECONDS, session);
        double seconds = (System.nanoTime() - begun) / 1e9;
        double used = session.cpu().minus(before).toNanos() / 1e9;
        facts.add(
            Fact.limited(
                "follow",
                "%s, a poll each %s, 10 of 2.6 million pages changed and a row read each second"
                    .formatted(extension.name(), interval),
                100 * used / seconds,
                MOST_PERCENT,
                "% of a core"));
      }
    } finally {
      removeTransactions();
    }
    return facts;
  }

  private void write(int seconds, Sqlite.Session session) throws IOException {
    long begun = System.nanoTime();
    for (int i = 1; i <= seconds; i++) {
      txid++;
      GeneratedReplica.writeChange(this::put, txid, txid);
      if (txid % MERGED == 0) {
        GeneratedReplica.writeChange(this::put, Math.max(2, txid - MERGED + 1), txid);
      }
      sleepUntil(begun + i * 1_000_000_000L);
      check(session);
    }
  }

  /** The row must be that of a transaction some seconds ago at most. */
  private void check(Sqlite.Session session) throws IOException {
    int old = txid - MOST_SECONDS_BEHIND;
    if (old < 2) {
      return;
    }
    List<String> answer =
        session.ask(
            "SELECT rtrim(value, '.') FROM entries WHERE id = %d;"
                .formatted(GeneratedReplica.rowOfChange(old)));
    String expected = "row %d of transaction %d".formatted(GeneratedReplica.rowOfChange(old), old);
    if (!answer.equals(List.of(expected))) {
      throw new IOException(
          "At TXID %d, %s reads %s, which is not \"%s\""
              .formatted(txid, extension.name(), answer, expected));
    }
  }

  private void put(String key, byte[] file) throws IOException {
    server.put(Replica.HUGE.path() + "/" + key, file);
  }

  private void removeTransactions() throws IOException {
    for (int t = 2; t <= MOST_TRANSACTIONS; t++) {
      server.delete(Replica.HUGE.path() + "/" + GeneratedReplica.key(0, t, t));
      if (t % MERGED == 0) {
        int min = Math.max(2, t - MERGED + 1);
        server.delete(Replica.HUGE.path() + "/" + GeneratedReplica.key(1, min, t));
      }
    }
  }

  private static void sleepUntil(long nanos) throws IOException {
    try {
      Thread.sleep(Duration.ofNanos(Math.max(0, nanos - System.nanoTime())));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
  }
}
