package dev.rivulet.db;

import dev.rivulet.replica.LtxFile;
import java.util.List;

/**
 * Merges files upwards, by Litestream's rules (reference/primary-behaviour.md, section 6): whatever
 * begins after the last transaction that <em>it knows</em> on the level above, in one file. Two
 * compactors that know nothing of each other so make files that overlap.
 */
final class SimCompactor {
  private final SimReplica replica;
  private final SimHistory history;

  /** By level: the last transaction there, as far as it knows; 0 makes it look. */
  private final long[] known = new long[SimReplica.LEVELS];

  SimCompactor(SimReplica replica, SimHistory history) {
    this.replica = replica;
    this.history = history;
  }

  /** It was restarted, and looks again. */
  void forget() {
    java.util.Arrays.fill(known, 0);
  }

  void compact(int level) {
    if (known[level] == 0) {
      known[level] = replica.max(level);
    }
    List<LtxFile> files = replica.list(level - 1, known[level] + 1);
    if (files.isEmpty() || !contiguous(files)) {
      return;
    }
    long min = files.getFirst().min().value();
    long max = files.getLast().max().value();
    replica.write(level, min, max, history.current().time(max));
    known[level] = max;
  }

  /** Overlap is allowed, containment and gaps are not (reference/ltx-format.md, section 9). */
  private static boolean contiguous(List<LtxFile> files) {
    for (int i = 1; i < files.size(); i++) {
      if (!files.get(i).extendsFrom(files.get(i - 1).max())) {
        return false;
      }
    }
    return true;
  }
}
