package dev.rivulet.db;

import dev.rivulet.replica.LtxFile;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Deletes files by Litestream's rules (reference/primary-behaviour.md, section 7). What it decided
 * to delete it deletes later, a few at a time, as a slow store does.
 */
final class SimRetention {
  private final SimProfile profile;
  private final SimReplica replica;
  private final SimClock clock;
  private final Deque<LtxFile> doomed = new ArrayDeque<>();

  SimRetention(SimProfile profile, SimReplica replica, SimClock clock) {
    this.profile = profile;
    this.replica = replica;
    this.clock = clock;
  }

  /** Merged files of level 0 that are old enough; the newest one stays. */
  void level0() {
    List<LtxFile> files = replica.list(0, 0);
    long merged = replica.max(1);
    List<LtxFile> old = new ArrayList<>();
    for (LtxFile file : files) {
      if (clock.millis() - file.modifiedMillis() < profile.keepMergedMillis()) {
        break;
      }
      if (file.max().value() <= merged) {
        old.add(file);
      }
    }
    if (!old.isEmpty() && old.getLast().equals(files.getLast())) {
      old.removeLast();
    }
    doomed.addAll(old);
  }

  /** Old snapshots, and what only a restore to before the first kept one but one could need. */
  void snapshots() {
    List<LtxFile> snapshots = replica.list(9, 0);
    int kept = 0;
    while (kept < snapshots.size() - 1
        && clock.millis() - snapshots.get(kept).modifiedMillis() > profile.keepSnapshotMillis()) {
      doomed.add(snapshots.get(kept));
      kept++;
    }
    long floor = kept == 0 ? 0 : snapshots.get(kept - 1).max().value();
    for (int level = 1; level < SimReplica.LEVELS; level++) {
      List<LtxFile> files = replica.list(level, 0);
      for (int i = 0; i < files.size() - 1; i++) {
        if (files.get(i).max().value() < floor) {
          doomed.add(files.get(i));
        }
      }
    }
  }

  boolean isDue() {
    return !doomed.isEmpty();
  }

  /** Deletes some. */
  void delete(int count) {
    for (int i = 0; i < count && !doomed.isEmpty(); i++) {
      replica.delete(doomed.removeFirst());
    }
  }

  void forget() {
    doomed.clear();
  }
}
