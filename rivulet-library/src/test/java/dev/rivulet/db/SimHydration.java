package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.hydrate.KeptFile;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.Collection;
import java.util.function.BooleanSupplier;

/**
 * The real hydration but for its thread: it goes on when the simulation says so, as far as that
 * says; and the disk is told of what is noted.
 */
class SimHydration extends Hydration {
  private final SimDisk disk;

  /** How many more times it is told to go on. */
  private int budget;

  private boolean filling;

  SimHydration(
      SimDisk disk,
      Database database,
      HydrationSettings settings,
      Published at,
      Collection<LtxFile> listed,
      BooleanSupplier interrupted)
      throws IOException {
    super(database, settings, at, listed, interrupted);
    this.disk = disk;
    disk.written();
  }

  @Override
  void start() {
    // by go
  }

  /**
   * One turn.
   *
   * @param most so many requests, or kept pages looked at
   */
  void go(int most) {
    budget = most;
    var _ = turn();
  }

  @Override
  boolean isOver() {
    return super.isOver() || budget-- <= 0;
  }

  @Override
  void fill() throws IOException {
    filling = true;
    try {
      super.fill();
    } finally {
      filling = false;
    }
  }

  /** Whether it waits for requests, so that others may act. */
  boolean isFilling() {
    return filling;
  }

  @Override
  HydrationNotes notes(KeptFile kept, HydratedFile file, Clock clock) {
    return new HydrationNotes(kept, file, true, clock) {
      @Override
      synchronized void note(boolean forGood) throws IOException {
        super.note(forGood);
        if (forGood) {
          disk.synced();
        } else {
          disk.written();
        }
      }
    };
  }
}
