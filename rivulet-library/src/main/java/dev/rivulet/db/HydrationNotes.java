package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.hydrate.KeptFile;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/**
 * Notes what the local file has, for the next start: what was not noted is fetched again then.
 *
 * <p>Thread-safe: one note at a time. A file that is not kept, or has lost its place to another, is
 * never noted, so that a note always is of the file beside it. The process may end at any time.
 *
 * <p>Not final, so that the disk of a simulation can be told of each note.
 */
class HydrationNotes {
  /** While it is filled, at most so often what was filled since is noted for the next start... */
  private static final long FILLING_MILLIS = 1_000;

  /** ...and once it is complete: a few transactions are fetched again soon enough. */
  private static final long CHANGES_MILLIS = 30_000;

  /**
   * For each page a note writes 12 bytes: a database of 10 GB is noted once a minute, half a
   * megabyte a second.
   */
  private static final long PAGES_PER_MILLI = 50;

  private final KeptFile kept;
  private final boolean persist;
  private final Clock clock;

  // All guarded by this.
  private HydratedFile file;
  private long notedChanges = -1;
  private long notedNanos;
  private boolean notedWhole;

  /**
   * Of a file of which nothing was noted yet.
   *
   * @param persist whether it is kept for the next start
   */
  HydrationNotes(KeptFile kept, HydratedFile file, boolean persist, Clock clock) {
    this.kept = kept;
    this.file = file;
    this.persist = persist;
    this.clock = clock;
    this.notedNanos = clock.nanos();
  }

  /** Another file is in its place, of which nothing was noted yet. */
  synchronized void startOver(HydratedFile next) {
    file = next;
    notedChanges = -1;
    notedWhole = false;
  }

  /** Notes its state if that is worth it while the file is filled. */
  void filling() throws IOException {
    noteIfDue(FILLING_MILLIS);
  }

  /** The same when all is there that could be had. */
  void filled() throws IOException {
    noteIfDue(CHANGES_MILLIS);
  }

  private synchronized void noteIfDue(long interval) throws IOException {
    long millis = TimeUnit.NANOSECONDS.toMillis(clock.nanos() - notedNanos);
    boolean newlyWhole = file.isComplete() && !notedWhole;
    if (newlyWhole || millis >= Math.max(interval, file.view().commit() / PAGES_PER_MILLI)) {
      note(false);
      notedNanos = clock.nanos();
    }
    if (newlyWhole) {
      notedWhole = true;
      note(true);
    }
  }

  /**
   * Notes its state, unless nothing has changed.
   *
   * @param forGood whether to wait until the disk has the note and every page, so that the machine
   *     may end too
   */
  synchronized void note(boolean forGood) throws IOException {
    long changes = file.changes();
    if (!persist || (changes == notedChanges && !forGood) || !file.isAt(kept.path())) {
      return;
    }
    try {
      if (forGood) {
        file.sync();
      }
      kept.note(file, forGood);
      notedChanges = changes;
    } catch (IOException e) {
      throw new IOException("its state cannot be noted for the next start: " + e.getMessage(), e);
    }
  }
}
