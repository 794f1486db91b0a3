package dev.rivulet.page;

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

  /** Identifies the tree: its topmost known page and the level below it, or {@link #LINEAR}. */
  final long key;

  /** The key of reading page after page, as a backup does. */
  static final long LINEAR = -1;

  /** Where the reader is: the hint slot of the parent, and the child's position in it. */
  int slot;

  int position;

  /** The last page asked for, ahead of the reader; valid if {@code ahead > 0}. */
  int horizonSlot;

  int horizonPosition;

  /** How many pages lie between the reader and the horizon, and how long they are on average. */
  int ahead;

  int averageBytes = 1;

  private int misses;
  private int jumps;
  long window;
  private long cost;
  private long benefit;

  ReadStream(long key, int slot, int position, long window) {
    this.key = key;
    this.slot = slot;
    this.position = position;
    this.window = window;
  }

  /** Counts a miss; whether there were others before it. */
  boolean missed() {
    return ++misses > 1;
  }

  /** Counts a miss that was not near the one before; returns how many there were. */
  int jumped() {
    return ++jumps;
  }

  boolean isKnown() {
    return misses > 1 || key == LINEAR;
  }

  void spent(long bytes) {
    cost += bytes;
  }

  void saved(long bytes) {
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
