package dev.rivulet.db;

import java.util.SplittableRandom;

/**
 * What one seed simulates: sizes, paces and faults. Times are milliseconds; they keep the order
 * that Litestream's have (level 0 is merged before it is deleted, and so on), not their length.
 *
 * @param mostPages the database grows to this
 * @param commitMillis between two commits, on average
 * @param mergeMillis the interval of level 1; level 2's and 3's are three and nine times that
 * @param keepMergedMillis level 0 is deleted this long after it was written, if merged
 * @param snapshotMillis between two snapshots
 * @param keepSnapshotMillis snapshots are deleted after this
 * @param compactors one, or two that know nothing of each other
 * @param pageLimit a listing's pages have at most this many entries
 * @param others percent of requests (and of pauses between them) in which others act
 * @param faults percent of requests that fail
 * @param disasters whether the replica is wiped, or restored to an earlier state
 * @param contentTags whether equal bytes have equal ETags, as on S3
 * @param cacheLosses percent of steps in which the page cache is lost
 * @param hydrated whether the database is hydrated into a local file
 */
record SimProfile(
    int mostPages,
    int commitMillis,
    int mergeMillis,
    int keepMergedMillis,
    int snapshotMillis,
    int keepSnapshotMillis,
    int compactors,
    int pageLimit,
    int others,
    int faults,
    boolean disasters,
    boolean contentTags,
    int cacheLosses,
    boolean hydrated) {

  static SimProfile of(SplittableRandom random) {
    int commit = pick(random, 60, 200, 1000);
    int merge = commit * pick(random, 4, 10, 25);
    int snapshot = merge * pick(random, 6, 12, 30);
    return new SimProfile(
        pick(random, 8, 30, 120),
        commit,
        merge,
        merge * pick(random, 1, 3, 8),
        snapshot,
        snapshot * pick(random, 1, 2, 4),
        1 + random.nextInt(2),
        pick(random, 3, 40, 1000, 1000),
        pick(random, 0, 10, 40),
        pick(random, 0, 0, 3, 10),
        random.nextInt(3) == 0,
        random.nextBoolean(),
        pick(random, 0, 2, 6),
        random.nextBoolean());
  }

  private static int pick(SplittableRandom random, int... of) {
    return of[random.nextInt(of.length)];
  }
}
