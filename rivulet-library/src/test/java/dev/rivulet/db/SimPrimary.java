package dev.rivulet.db;

import java.util.SplittableRandom;

/**
 * The primary: commits transactions that change, grow, shrink and rewrite the database, and uploads
 * each as a file of level 0 (reference/primary-behaviour.md, section 3.2: growth brings every page
 * between the old size and the new).
 */
final class SimPrimary {
  private final SimProfile profile;
  private final SimHistory history;
  private final SimReplica replica;
  private final SimClock clock;
  private final SplittableRandom random;

  SimPrimary(
      SimProfile profile,
      SimHistory history,
      SimReplica replica,
      SimClock clock,
      SplittableRandom random) {
    this.profile = profile;
    this.history = history;
    this.replica = replica;
    this.clock = clock;
    this.random = random;
  }

  void commit() {
    SimLineage lineage = history.current();
    int before = lineage.commit(lineage.txid());
    int after = size(before);
    boolean all = before == 0 || random.nextInt(40) == 0; // VACUUM, or a full file by the rules
    boolean[] written = new boolean[after + 1];
    int count = 0;
    for (int pgno = 1; pgno <= after; pgno++) {
      if (all || pgno > before) {
        written[pgno] = true;
        count++;
      }
    }
    for (int i = random.nextInt(5); i >= 0; i--) {
      // Page 1 often: it has the size, the freelist and the schema.
      int pgno = random.nextInt(3) == 0 ? 1 : 1 + random.nextInt(after);
      count += written[pgno] ? 0 : 1;
      written[pgno] = true;
    }
    int[] pgnos = new int[count];
    int at = 0;
    for (int pgno = 1; pgno <= after; pgno++) {
      if (written[pgno]) {
        pgnos[at++] = pgno;
      }
    }
    lineage.append(after, pgnos, clock.millis());
    long txid = lineage.txid();
    replica.write(0, txid, txid, clock.millis());
  }

  private int size(int before) {
    if (before == 0) {
      return 1 + random.nextInt(profile.mostPages());
    }
    return switch (random.nextInt(10)) {
      case 0 -> Math.max(1, before - 1 - random.nextInt(1 + before / 3));
      case 1, 2, 3 -> Math.min(profile.mostPages(), before + 1 + random.nextInt(3));
      default -> before;
    };
  }

  /**
   * A snapshot of the newest state, with the time of its making. A primary that was restored writes
   * its first transaction first.
   */
  void snapshot(boolean force) {
    SimLineage lineage = history.current();
    long txid = lineage.txid();
    if (txid > 0 && replica.max(0) == txid && (force || replica.max(9) < txid)) {
      lineage.snapshotMade(txid, clock.millis());
      replica.write(9, 1, txid, clock.millis());
    }
  }

  /** The newest file of level 0 is uploaded once more: the answer to the first upload was lost. */
  void uploadAgain() {
    SimLineage lineage = history.current();
    long txid = lineage.txid();
    if (txid > 0 && replica.max(0) == txid && profile.contentTags()) {
      replica.write(0, txid, txid, lineage.time(txid));
    }
  }
}
