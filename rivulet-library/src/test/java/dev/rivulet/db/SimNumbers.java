package dev.rivulet.db;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** View numbers: SQLite keeps its page cache while the number is the same, so it must be right. */
final class SimNumbers {
  private record State(long txid, List<SimLineage> histories) {}

  private final Map<Integer, State> seen = new HashMap<>();

  /** Another process begins to count anew. */
  void forget() {
    seen.clear();
  }

  /** Two views of one number must be of one state. */
  void check(int number, long txid, List<SimLineage> possible, SimReader reader) {
    State before = seen.putIfAbsent(number, new State(txid, List.copyOf(possible)));
    if (before != null) {
      if (before.txid != txid || possible.stream().noneMatch(before.histories::contains)) {
        throw reader.fail(
            "view number %d is of TXID %d and of TXID %d".formatted(number, before.txid, txid));
      }
    }
  }
}
