package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What replaces a replica by another under the same URL: it is wiped and begun anew, or restored to
 * an earlier state. Files are deleted a few at a time, in any order; the primary is stopped while
 * that goes on.
 */
final class SimDisaster {
  private final SimHistory history;
  private final SimReplica replica;
  private final SplittableRandom random;
  private final List<LtxFile> doomed = new ArrayList<>();
  private Runnable then = () -> {};
  private boolean underWay;

  SimDisaster(SimHistory history, SimReplica replica, SplittableRandom random) {
    this.history = history;
    this.replica = replica;
    this.random = random;
  }

  boolean isUnderWay() {
    return underWay;
  }

  void wipe() {
    begin(replica.listAll(), history::wipe);
  }

  /** Back to a state that a restore can give. */
  void restore() {
    List<LtxFile> files = replica.listAll();
    if (files.isEmpty()) {
      return;
    }
    Txid to = files.get(random.nextInt(files.size())).max();
    try {
      var _ = Planner.at(files, to);
    } catch (PlanException e) {
      return; // not to be had (any more)
    }
    if (to.value() < history.current().txid()) {
      files.removeIf(file -> !file.max().after(to));
      begin(files, () -> history.restoreTo(to.value()));
    }
  }

  private void begin(List<LtxFile> files, Runnable then) {
    underWay = true;
    doomed.addAll(files);
    switch (random.nextInt(3)) {
      case 0 -> Collections.reverse(doomed);
      case 1 -> Collections.shuffle(doomed, new java.util.Random(random.nextLong()));
      default -> {} // in order of keys: level 0 first
    }
    this.then = then;
  }

  /** Deletes some more; at the end there is a new history, and the primary may go on. */
  void goOn() {
    int count = 1 + random.nextInt(random.nextInt(4) == 0 ? Math.max(1, doomed.size()) : 6);
    for (int i = 0; i < count && !doomed.isEmpty(); i++) {
      replica.delete(doomed.removeLast());
    }
    if (doomed.isEmpty()) {
      underWay = false;
      then.run();
    }
  }
}
