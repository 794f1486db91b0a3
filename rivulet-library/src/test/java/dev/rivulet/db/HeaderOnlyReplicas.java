package dev.rivulet.db;

import java.util.Random;

/** Replicas of which anything could be true. */
final class HeaderOnlyReplicas {
  private HeaderOnlyReplicas() {}

  /**
   * Files of 80 transactions or so, 100 ms apart: levels that merge, or are made by a second
   * compactor and straddle; a clock that steps, or does not; upload times that fit, are all the
   * same, or random.
   */
  static void fill(HeaderOnlyReplica replica, Random random) {
    int last = 5 + random.nextInt(80);
    long[] clock = new long[last + 1];
    int steps = random.nextInt(3);
    long off = 0;
    for (int txid = 1; txid <= last; txid++) {
      if (steps > 0 && random.nextInt(15) == 0) {
        off = random.nextBoolean() ? 0 : (random.nextInt(41) - 20) * 100L;
      }
      clock[txid] = txid * 100L + off;
    }
    int uploads = random.nextInt(4);
    for (int level = 0; level <= 3; level++) {
      int compactors = level > 0 && random.nextInt(3) == 0 ? 2 : 1;
      for (int compactor = 0; compactor < compactors; compactor++) {
        int span = level == 0 ? 1 : 1 + random.nextInt(1 + 5 * level);
        int from = level == 0 && random.nextBoolean() ? 1 + random.nextInt(last) : 1;
        for (int min = from; min <= last; ) {
          int max = Math.min(last, level == 0 ? min : min + random.nextInt(span + 1));
          if (random.nextInt(20) > 0) {
            add(replica, random, level, min, max, clock[max], uploads);
          }
          min = max + 1;
        }
      }
    }
    for (int i = random.nextInt(4); i > 0; i--) {
      int max = 1 + random.nextInt(last);
      add(replica, random, 9, 1, max, clock[max] + random.nextInt(150), uploads);
    }
  }

  private static void add(
      HeaderOnlyReplica replica,
      Random random,
      int level,
      long min,
      long max,
      long time,
      int uploads) {
    long uploaded =
        switch (uploads) {
          case 0 -> time + random.nextInt(200);
          case 1 -> 1_000_000;
          case 2 -> random.nextInt(9000);
          default -> max * 100L + level * 50L;
        };
    replica.add(level, min, max, time, uploaded);
  }
}
