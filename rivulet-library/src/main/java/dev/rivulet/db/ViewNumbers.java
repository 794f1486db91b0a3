package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Numbers for views away in time: from a range of their own, the upper half of 32 bits, so that
 * they never meet those of the follower, and the same again for the same state, so that SQLite's
 * page cache stays valid on the way back. Not thread-safe.
 */
final class ViewNumbers {
  private static final int AWAY = 1 << 31;

  /** States remembered; one that is forgotten gets another number, which is always right. */
  private static final int REMEMBERED = 4096;

  /**
   * What tells states apart. A replica that was begun anew repeats TXIDs, but not their times.
   *
   * @param timeMillis of the header of its last file
   */
  private record State(Txid txid, long timeMillis, int pageSize, int commit) {}

  private final Map<State, Integer> numbers =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<State, Integer> eldest) {
          return size() > REMEMBERED;
        }
      };

  private int last;

  /** The number of a state. */
  int of(Txid txid, long timeMillis, int pageSize, int commit) {
    return numbers.computeIfAbsent(
        new State(txid, timeMillis, pageSize, commit), state -> AWAY | (++last & ~AWAY));
  }

  /** Whether a number is that of a view away in time. */
  static boolean isAway(int number) {
    return number < 0;
  }
}
