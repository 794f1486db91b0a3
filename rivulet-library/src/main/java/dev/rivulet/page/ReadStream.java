package dev.rivulet.page;

import org.jspecify.annotations.Nullable;

/**
 * What a reader does in one B-tree (or in the file as a whole), and how far ahead of it to fetch.
 *
 * <p>The window is the number of bytes to have under way. It is widened while it pays and halved
 * while it does not; whether it pays is counted in bytes. Each page that was fetched ahead and then
 * used saved a wait, worth a round trip's bytes ({@link NetworkModel#roundTripBytes}); each byte
 * fetched ahead costs itself. One round trip's bytes are advanced as credit. Both accounts are
 * halved at each decision, so that the last few count most.
 *
 * <p>Example at 25 ms and 85 MB/s (2.1 MB a round trip): rows that lie one in 54 kB use 39 pages of
 * each 2.1 MB fetched ahead: worth 39 times their cost, so the window grows to its limit. Lookups
 * of one row in 10 MB use 0.2 pages of each 2.1 MB: the window shrinks to its least.
 */
final class ReadStream {
  /** From 96 kB to 8 MB in four steps: each costs a wait, and eight MB cost four waits at most. */
  private static final int GROWTH = 4;

  /** However often something is lost, the next few pages are asked for together. */
  private static final int LEAST_REACH = 16;

  /** More than any database has, and no overflow by a quarter more. */
  private static final long UNBOUNDED = Long.MAX_VALUE / 2;

  /** Neighbours read in a row, all of which were there: a lookup or two have less. */
  private static final int SURE = 16;

  /** Identifies the tree: its topmost known page and the level below it, or {@link #LINEAR}. */
  final long key;

  /** The key of reading in the order of the file, as a backup does. */
  static final long LINEAR = -1;

  /** Where the reader is: the hint slot of the parent, and the child's position in it. */
  int slot;

  int position;

  /** The last page asked for, ahead of the reader; valid if {@code ahead > 0}. */
  int horizonSlot;

  int horizonPosition;

  /** How many pages lie between the reader and the horizon, and what was asked for among them. */
  int ahead;

  long aheadBytes;

  /** The last that was fetched ahead of the reader here; null if nothing was. */
  @Nullable FrameRef fetched;

  /** When a page of it was read last, in page reads of the connection. */
  long lastRead;

  /**
   * How many pages to look ahead at most: half as many as there were when one of them was lost, and
   * from then on a quarter more each time.
   */
  private long reach = UNBOUNDED;

  private boolean onwards;

  /** Since the last jump something was missing, or had been fetched and was not read before. */
  private boolean fresh;

  private int run;
  private int misses;
  private int jumps;
  long window;
  private long cost;

  /** What requests for pages in no order have cost, and was not redeemed. */
  private long scattered;

  private long benefit;

  ReadStream(long key, int slot, int position, long window) {
    this.key = key;
    this.slot = slot;
    this.position = position;
    this.window = window;
  }

  /** Counts a miss; whether there were others before it. */
  boolean missed() {
    fresh = true;
    return ++misses > 1;
  }

  /** Counts a miss that was not near the one before; returns how many there were. */
  int jumped() {
    return ++jumps;
  }

  /**
   * Moves the reader.
   *
   * @param steps how many pages further on that is in key order; negative for anywhere else
   * @param stride the most steps beyond the horizon that still are onwards, and not a jump
   */
  void moveTo(int newSlot, int newPosition, int steps, int stride) {
    slot = newSlot;
    position = newPosition;
    onwards = steps >= 0 && steps <= ahead + stride;
    if (!onwards) {
      run = 0;
      fresh = false;
    } else if (steps > 0) {
      run++;
    }
    if (steps < 0 || steps > ahead) {
      startHere(); // outside what was fetched
    } else if (steps > 0) {
      aheadBytes -= aheadBytes * steps / ahead;
      ahead -= steps;
    }
  }

  private void startHere() {
    ahead = 0;
    aheadBytes = 0;
    horizonSlot = slot;
    horizonPosition = position;
    fetched = null;
  }

  /**
   * A page is missing and not under way. If it had been asked for, the cache did not hold it until
   * its reader came, nor what follows it: that begins here again, and does not go so far.
   */
  void lost() {
    if (ahead == 0) {
      return;
    }
    reach = Math.max(ahead / 2, LEAST_REACH);
    startHere();
  }

  /** How far to look ahead, in pages, where so many would do. */
  int reach(int most) {
    return (int) Math.min(most, reach);
  }

  /** It is looked ahead once more, and nothing was lost the last time. */
  void reachFarther() {
    if (reach < UNBOUNDED) {
      reach += reach / 4;
    }
  }

  /** Whether the last move was a little forwards. */
  boolean isOnwards() {
    return onwards;
  }

  /** Whether the reader goes through the tree in order, as far as can be told. */
  boolean isScan() {
    return onwards && (misses > 1 || run >= SURE || key == LINEAR);
  }

  /**
   * Whether there is reason to look ahead before something is missing. Who reads again what was
   * read before may find all of it, and what lies behind it is not wanted.
   */
  boolean isFresh() {
    return fresh;
  }

  /**
   * Counts what was fetched ahead.
   *
   * @param bytes all of it
   * @param requests what of these it cost to ask for pages because they do not lie in the tree's
   *     order
   */
  void spent(long bytes, long requests) {
    cost += bytes;
    scattered += requests;
  }

  /** What it has cost so far that the tree's pages do not lie in its order, in bytes. */
  long scattered() {
    return scattered;
  }

  /** Something better was had for what requests have cost. */
  void redeemed(long requests) {
    scattered -= requests;
  }

  /** A page that had been fetched was read for the first time, and a wait of so much saved. */
  void saved(long bytes) {
    fresh = true;
    benefit += bytes;
  }

  /** Widens or halves the window, by what the last ones brought. */
  void adapt(long least, long most, long credit) {
    window = pays(credit) ? Math.min(window * GROWTH, most) : Math.max(window / 2, least);
    cost /= 2;
    benefit /= 2;
  }

  /** Whether looking further ahead pays at all: false while the window is at its least in vain. */
  boolean pays(long credit) {
    return cost <= benefit + credit;
  }
}
