package dev.rivulet.db;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The plain model: one history of a database, from its first transaction to its newest.
 *
 * <p>It knows which transaction wrote each page of each state, and nothing of files. A history that
 * was restored to an earlier state and went on from there shares its parent's states up to that.
 */
final class SimLineage {
  /** How many bits of a {@link #version} are the TXID. */
  static final int TXID_BITS = 32;

  final int id;
  private final @Nullable SimLineage parent;

  /** The last transaction shared with the parent; 0 without one. */
  private final long fork;

  private long txid;

  /** By TXID - fork - 1. */
  private int[] commits = new int[64];

  private long[] times = new long[64];

  /** By page number - 1: the transactions that wrote it. */
  private final List<Writes> writes = new ArrayList<>();

  /** Of snapshots, which carry the time they were made at: TXID and time, in pairs. */
  private long[] snapshotTimes = new long[16];

  private int snapshots;

  SimLineage(int id, @Nullable SimLineage parent, long fork) {
    this.id = id;
    this.parent = parent;
    this.fork = fork;
    this.txid = fork;
  }

  /** The newest transaction; 0 before the first. */
  long txid() {
    return txid;
  }

  /** The database's size in pages after a transaction; 0 before the first. */
  int commit(long t) {
    if (t <= fork) {
      return parent == null ? 0 : parent.commit(t);
    }
    return commits[(int) (t - fork - 1)];
  }

  /** The time in the header of a transaction's own file. */
  long time(long t) {
    if (t <= fork) {
      return parent == null ? 0 : parent.time(t);
    }
    return times[(int) (t - fork - 1)];
  }

  /** Whether a state may carry this time: its transaction's, or that of a snapshot made of it. */
  boolean hasTime(long t, long millis) {
    if (time(t) == millis) {
      return true;
    }
    for (int i = 0; i < snapshots; i += 2) {
      if (snapshotTimes[i] == t && snapshotTimes[i + 1] == millis) {
        return true;
      }
    }
    return t <= fork && parent != null && parent.hasTime(t, millis);
  }

  /** Which lineage wrote a transaction: states are the same if that and the TXID are. */
  SimLineage owner(long t) {
    return t <= fork && parent != null ? parent.owner(t) : this;
  }

  /**
   * Who wrote what a page holds after a transaction.
   *
   * @return the owner's id and the TXID, packed; never 0 for a page of the state
   */
  long version(int pgno, long t) {
    if (t > fork && pgno <= writes.size()) {
      long last = writes.get(pgno - 1).lastUntil(t);
      if (last != 0) {
        return (long) id << TXID_BITS | last;
      }
    }
    return parent == null ? 0 : parent.version(pgno, Math.min(t, fork));
  }

  /**
   * A transaction.
   *
   * @param pgnos the pages it wrote, each once; all between the old size and the new among them
   */
  void append(int commit, int[] pgnos, long time) {
    int at = (int) (txid - fork);
    if (at == commits.length) {
      commits = Arrays.copyOf(commits, at * 2);
      times = Arrays.copyOf(times, at * 2);
    }
    txid++;
    commits[at] = commit;
    times[at] = time;
    for (int pgno : pgnos) {
      while (writes.size() < pgno) {
        writes.add(new Writes());
      }
      writes.get(pgno - 1).add(txid);
    }
  }

  void snapshotMade(long t, long time) {
    if (snapshots == snapshotTimes.length) {
      snapshotTimes = Arrays.copyOf(snapshotTimes, snapshots * 2);
    }
    snapshotTimes[snapshots++] = t;
    snapshotTimes[snapshots++] = time;
  }

  @Override
  public String toString() {
    return "history " + id + (parent == null ? "" : " (from " + parent.id + " at " + fork + ")");
  }

  /** The transactions that wrote one page, ascending. */
  private static final class Writes {
    private long[] txids = new long[4];
    private int count;

    void add(long txid) {
      if (count == txids.length) {
        txids = Arrays.copyOf(txids, count * 2);
      }
      txids[count++] = txid;
    }

    /** The last one that is not later than {@code t}; 0 if there is none. */
    long lastUntil(long t) {
      int at = Arrays.binarySearch(txids, 0, count, t);
      int before = at >= 0 ? at : -at - 2;
      return before < 0 ? 0 : txids[before];
    }
  }
}
