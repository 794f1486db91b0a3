package dev.rivulet.db;

import dev.rivulet.ReplicaBuilder;

/**
 * A replica as a day of a transaction every 30 seconds leaves it, but one a second in its last five
 * minutes: 300 files of level 0, 2880 or so of level 1, 288 of level 2, 24 of level 3, 2 snapshots.
 */
final class DayOldReplica {
  static final int LEVEL1 = 2870;
  static final int LEVEL0 = 300;

  private DayOldReplica() {}

  static void build(ReplicaBuilder replica) {
    replica.touch(8);
    for (int i = 2; i <= LEVEL1 + LEVEL0; i++) {
      replica.touch(8, i % 7 + 1);
    }
    for (int min = 1; min <= LEVEL1; min++) {
      replica.merge(1, min, min);
    }
    for (int min = LEVEL1 + 1; min <= LEVEL1 + LEVEL0; min += 30) {
      replica.merge(1, min, min + 29);
    }
    for (int min = 1; min + 9 <= LEVEL1; min += 10) {
      replica.merge(2, min, min + 9);
    }
    for (int min = 1; min + 119 <= LEVEL1; min += 120) {
      replica.merge(3, min, min + 119);
    }
    replica.snapshot(1);
    replica.snapshot(1500);
    replica.retainLevel0After(LEVEL1);
  }
}
