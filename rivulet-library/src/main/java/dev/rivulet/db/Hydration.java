package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.hydrate.Hydrator;
import dev.rivulet.hydrate.KeptFile;
import dev.rivulet.hydrate.LocalFileException;
import dev.rivulet.log.Log;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Keeps a local file of a database filled, on a thread of its own, while connections are open.
 *
 * <p>Nothing that goes wrong here reaches a query: the file is used for what is in it, and
 * everything else comes from the store. Thread-safe.
 *
 * <p>Not final, so that a simulation can do without the thread, and can leave out what it is to
 * find missing.
 */
class Hydration {
  /** How one is made: its constructor, but in a simulation. */
  interface Maker {
    Hydration make(
        Database database,
        HydrationSettings settings,
        Published at,
        Collection<LtxFile> listed,
        BooleanSupplier interrupted)
        throws IOException;
  }

  /** {@link #turn}: it will not go on. */
  static final long NEVER = -1;

  /** Between two looks at whether the file is still in its place. */
  private static final long LOOK_MILLIS = 1_000;

  private final Database database;
  private final HydrationSettings settings;
  private final KeptFile kept;
  private final Hydrator hydrator;
  private final HydrationTrouble trouble;
  private final HydrationPace pace = new HydrationPace();
  private final HydrationNotes notes;
  private final Admission admission;
  private final Thread thread;

  private volatile HydratedFile file;

  /** Guarded by this. */
  private final List<HydratedFile> replaced = new ArrayList<>();

  /**
   * Opens the local file for what is published. It is not filled before {@link #start}.
   *
   * @param listed files of the replica, which may prove what a kept file is of
   * @throws IOException if there is a reason not to, for one WARN line
   */
  Hydration(
      Database database,
      HydrationSettings settings,
      Published at,
      Collection<LtxFile> listed,
      BooleanSupplier interrupted)
      throws IOException {
    this.database = database;
    this.settings = settings;
    this.kept = new KeptFile(settings.file(database.settings().environment()));
    this.trouble = new HydrationTrouble(database.clock(), name());
    this.file = open(at, listed, interrupted);
    this.admission = new Admission(at);
    this.hydrator =
        new Hydrator(database.pages(), settings.bytesPerSecond(), this::isOver, this::noteFilling);
    this.notes = notes(kept, file, database.clock());
    this.thread = new Thread(this::run, "rivulet-hydrator");
    thread.setDaemon(true);
  }

  /** Begins to fill it. */
  void start() {
    thread.start();
  }

  private HydratedFile open(Published at, Collection<LtxFile> listed, BooleanSupplier interrupted)
      throws IOException {
    return settings.persist()
        ? kept.open(
            database.pages(), at.view(), at.lineage(), listed, files -> load(files, interrupted))
        : kept.openUnnamed(database.pages(), at.view(), at.lineage());
  }

  /** What notes the state of the file. */
  HydrationNotes notes(KeptFile kept, HydratedFile file, Clock clock) {
    return new HydrationNotes(kept, file, settings.persist(), clock);
  }

  /** The headers and indexes of files: they say which pages are not what they were. */
  List<IndexedFile> load(List<LtxFile> files, BooleanSupplier interrupted) throws IOException {
    return files.isEmpty()
        ? List.of()
        : Waits.get(database.pages().load(new Plan(files)), interrupted);
  }

  /** Whether it fills another file than these settings say. */
  boolean isElsewhere(HydrationSettings other) {
    return other.path() != null && !other.path().equals(settings.path());
  }

  Path path() {
    return kept.path();
  }

  /** Where pages are looked for first. */
  HydratedFile file() {
    return file;
  }

  /** A new view is about to be published. That it cannot be admitted only makes reads slower. */
  void admit(Published next, BooleanSupplier interrupted) {
    try {
      admission.admit(next, file, files -> load(files, interrupted));
    } catch (IOException e) {
      Log.debug(() -> "hydration does not follow yet: " + e);
    }
    pace.stir();
  }

  private void run() {
    pace.awaitQuiet(database.pages());
    while (!pace.isOver()) {
      long millis = carefulTurn();
      if (millis == NEVER) {
        return;
      }
      pace.rest(millis);
    }
  }

  private long carefulTurn() {
    try {
      return turn();
    } catch (OutOfMemoryError e) {
      // Not even to say what went wrong; there may be some later.
      Log.outOfMemory();
      return trouble.nextPause();
    }
  }

  /**
   * Goes on as far as it can at present.
   *
   * @return milliseconds until there is something to do again, unless it is stirred; or {@link
   *     #NEVER}
   */
  long turn() {
    long before = file.changes();
    try {
      if (trouble.mayBeOver()) {
        file.admitRefused();
      }
      follow();
      if (!file.isComplete()) {
        fill();
      }
      trouble.isOver();
      notes.filled();
      if (settings.persist() && !file.isAt(kept.path())) {
        startOver();
      }
      return file.isComplete() ? LOOK_MILLIS : 0;
    } catch (InterruptedIOException e) {
      return 0; // over
    } catch (StaleFileException e) {
      Log.debug(() -> "hydration plans again: " + e);
      trouble.came(file.changes() != before);
      return planAgain();
    } catch (LocalFileException e) {
      trouble.giveUp(e);
      return NEVER;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      if (pace.isOver()) {
        return 0; // its requests were cancelled
      }
      trouble.came(file.changes() != before);
      return trouble.failed(e);
    }
  }

  /** Fetches what is missing. */
  void fill() throws IOException {
    hydrator.round(file);
  }

  /** Whether to end: asked while it is filled. */
  boolean isOver() {
    return pace.isOver();
  }

  /** Admits what is published, should that have failed when it was. */
  private void follow() {
    Published newest = database.publisher().newest();
    HydratedFile f = file;
    if (newest.lineage() != f.lineage() || newest.view().txid().after(f.view().txid())) {
      admit(newest, pace::isOver);
    }
  }

  private long planAgain() {
    try {
      var unused = database.publisher().planAgain(database.publisher().newest(), pace::isOver);
      return trouble.nextPause();
    } catch (IOException e) {
      return trouble.failed(e);
    }
  }

  private String name() {
    return database.settings().url().display() + " into " + kept.path();
  }

  /** The file was removed or replaced. What readers have of it stays good. */
  private void startOver() throws IOException {
    Log.warn("Hydration of " + name() + " starts over: the file was removed or replaced");
    HydratedFile next = open(database.publisher().newest(), List.of(), pace::isOver);
    synchronized (this) {
      replaced.add(file);
    }
    notes.startOver(next);
    file = next;
  }

  private void noteFilling() {
    try {
      notes.filling();
    } catch (IOException e) {
      var unused = trouble.failed(e);
    }
  }

  /** As {@link HydrationNotes#note}. */
  void note(boolean forGood) throws IOException {
    notes.note(forGood);
  }

  /**
   * Waits until the file is complete; false if it is not in time.
   *
   * @throws IOException if it never will be, as things are
   */
  boolean await(long millis, BooleanSupplier interrupted) throws IOException {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    while (!file.isComplete()) {
      if (trouble.isInVain()) {
        throw new IOException("Hydration of " + name() + " cannot end: " + trouble.words());
      }
      long rest = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (rest <= 0) {
        return false;
      }
      Waits.sleep(Math.min(rest, 10), interrupted);
    }
    return true;
  }

  HydrationState state() {
    HydratedFile.Counts counts = file.counts();
    return new HydrationState(
        settings.persist() ? kept.path().toString() : null,
        counts.present(),
        counts.total(),
        counts.pageSize(),
        trouble.words());
  }

  /**
   * Ends it.
   *
   * @param readersAreGone whether nobody can read the file any more. If not, as when the process
   *     ends while threads of the host go on, it stays as it is, and goes with the process
   */
  void close(boolean readersAreGone) {
    pace.end();
    try {
      thread.join();
      note(false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return; // the file stays open until the process ends
    } catch (IOException e) {
      Log.warn("Hydration of " + name() + ": " + e.getMessage());
    }
    if (!readersAreGone) {
      return;
    }
    file.close();
    synchronized (this) {
      replaced.forEach(HydratedFile::close);
    }
  }

  /** Whether a state can be hydrated at all: stamps have two bits less than TXIDs. */
  static boolean isPossible(Txid txid) {
    return Long.compareUnsigned(txid.value(), 1L << 61) < 0;
  }
}
