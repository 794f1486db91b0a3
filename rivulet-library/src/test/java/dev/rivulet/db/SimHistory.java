package dev.rivulet.db;

import java.util.ArrayList;
import java.util.List;

/** All histories that a simulated replica ever had, the newest of which is the current one. */
final class SimHistory {
  private final List<SimLineage> all = new ArrayList<>();
  private SimLineage current;

  SimHistory() {
    current = new SimLineage(1, null, 0);
    all.add(current);
  }

  SimLineage current() {
    return current;
  }

  /** How many times the replica was replaced by another. */
  int replacements() {
    return all.size() - 1;
  }

  /** The replica is begun anew, from TXID 1. */
  void wipe() {
    current = new SimLineage(all.size() + 1, null, 0);
    all.add(current);
  }

  /** The database is restored to an earlier transaction, and goes on from there. */
  void restoreTo(long txid) {
    current = new SimLineage(all.size() + 1, current, txid);
    all.add(current);
  }

  /** The histories that have a state with this TXID, size and time; each state once. */
  List<SimLineage> withState(long txid, int commit, long timeMillis) {
    List<SimLineage> found = new ArrayList<>(1);
    for (int i = all.size() - 1; i >= 0; i--) {
      SimLineage lineage = all.get(i);
      if (txid >= 1 && txid <= lineage.txid()) {
        SimLineage owner = lineage.owner(txid);
        if (lineage.commit(txid) == commit
            && lineage.hasTime(txid, timeMillis)
            && !found.contains(owner)) {
          found.add(owner);
        }
      }
    }
    return found;
  }
}
