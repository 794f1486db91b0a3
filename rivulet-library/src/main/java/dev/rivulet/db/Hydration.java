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
import dev.rivulet.store.Environment;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
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

  /**
   * The first queries after an open are those that somebody waits for, and they want a few pages
   * only. So the file is not filled before one has waited for the store, and the store was then let
   * alone for so long, which is more than SQLite computes between two pages...
   */
  private static final long QUIET_MILLIS = 10;

  /** ...or until it is clear that they go on, and are better off with everything. */
  private static final long MOST_QUIET_WAIT_MILLIS = 200;

  private static final long QUIET_LOOK_MILLIS = 2;

  /** While it is filled, at most so often what was filled since is noted for the next start... */
  private static final long NOTE_MILLIS = 1_000;

  /** ...and once it is complete: a few transactions are fetched again soon enough. */
  private static final long NOTE_CHANGES_MILLIS = 30_000;

  /**
   * For each page a note writes 12 bytes: a database of 10 GB is noted once a minute, half a
   * megabyte a second.
   */
  private static final long PAGES_PER_NOTE_MILLI = 50;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final Database database;
  private final HydrationSettings settings;
  private final KeptFile kept;
  private final Hydrator hydrator;
  private final HydrationTrouble trouble;
  private final Thread thread;
  private volatile boolean over;

  private volatile HydratedFile file;

  private volatile Published admitted;

  /** The least that was proven of what was published and not admitted yet. */
  private final AtomicLong unproven = new AtomicLong(Published.ALL);

  // All guarded by this.
  private final List<HydratedFile> replaced = new ArrayList<>();
  private boolean stirred;

  /** One note at a time. */
  private final Object noting = new Object();

  /** Guarded by {@code noting}. */
  private long notedChanges = -1;

  // Of the thread.
  private long notedNanos;
  private boolean notedWhole;

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
    Path path = settings.path();
    this.database = database;
    this.settings = settings;
    this.kept = new KeptFile(path == null ? temporary(database.settings().environment()) : path);
    this.trouble = new HydrationTrouble(database.clock(), name());
    this.file = open(at, listed, interrupted);
    this.admitted = at;
    this.hydrator =
        new Hydrator(database.pages(), settings.bytesPerSecond(), this::isOver, this::noteFilling);
    this.notedNanos = database.clock().nanos();
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

  private static Path temporary(Environment environment) {
    byte[] random = new byte[8];
    RANDOM.nextBytes(random);
    String folder = environment.get("TMPDIR");
    return Path.of(
        folder == null || folder.isEmpty() ? System.getProperty("java.io.tmpdir") : folder,
        "rivulet-hydration-" + HexFormat.of().formatHex(random) + ".db");
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
      if (!next.is(admitted)) {
        tryAdmit(next, interrupted);
      }
    } catch (IOException e) {
      Log.debug(() -> "hydration does not follow yet: " + e);
    }
    stir();
  }

  private void tryAdmit(Published next, BooleanSupplier interrupted) throws IOException {
    HydratedFile f = file;
    long proven = unproven.accumulateAndGet(next.proven(), Math::min);
    boolean other = next.lineage() != f.lineage();
    Txid from = new Txid(Math.min(f.view().txid().value(), proven));
    f.admit(
        next.view(),
        next.lineage(),
        proven,
        other ? List.of() : load(KeptFile.newer(next.view(), from), interrupted));
    admitted = next;
    unproven.compareAndSet(proven, Published.ALL);
  }

  private synchronized void stir() {
    stirred = true;
    notifyAll();
  }

  /** Waits for something to do; also ends after a time. */
  private synchronized void rest(long millis) {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
    long left = millis;
    try {
      while (!stirred && !over && left > 0) {
        wait(left);
        left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      }
    } catch (InterruptedException e) {
      over = true; // nobody interrupts it but who ends the process
    }
    stirred = false;
  }

  private void awaitQuiet() {
    long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MOST_QUIET_WAIT_MILLIS);
    long waits = database.pages().stats().waits();
    while (!over
        && end - System.nanoTime() > 0
        && (database.pages().stats().waits() == waits
            || database.pages().idleNanos() < TimeUnit.MILLISECONDS.toNanos(QUIET_MILLIS))) {
      rest(QUIET_LOOK_MILLIS);
    }
  }

  private void run() {
    awaitQuiet();
    while (!over) {
      long millis = turn();
      if (millis == NEVER) {
        return;
      }
      rest(millis);
    }
  }

  /**
   * Goes on as far as it can at present.
   *
   * @return milliseconds until there is something to do again, unless it is stirred; or {@link
   *     #NEVER}
   */
  long turn() {
    try {
      if (trouble.mayBeOver()) {
        file.admitRefused();
      }
      follow();
      if (!file.isComplete()) {
        fill();
      }
      trouble.isOver();
      noteIfDue(NOTE_CHANGES_MILLIS);
      if (settings.persist() && !file.isAt(kept.path())) {
        startOver();
      }
      return file.isComplete() ? LOOK_MILLIS : 0;
    } catch (InterruptedIOException e) {
      return 0; // over
    } catch (StaleFileException e) {
      Log.debug(() -> "hydration plans again: " + e);
      return planAgain();
    } catch (LocalFileException e) {
      trouble.giveUp(e);
      return NEVER;
    } catch (IOException | RuntimeException | OutOfMemoryError e) {
      return trouble.failed(e);
    }
  }

  /** Fetches what is missing. */
  void fill() throws IOException {
    hydrator.round(file);
  }

  /** Whether to end: asked while it is filled. */
  boolean isOver() {
    return over;
  }

  /** Admits what is published, should that have failed when it was. */
  private void follow() {
    Published newest = database.publisher().newest();
    HydratedFile f = file;
    if (newest.lineage() != f.lineage() || newest.view().txid().after(f.view().txid())) {
      admit(newest, () -> over);
    }
  }

  private long planAgain() {
    try {
      var unused = database.publisher().planAgain(database.publisher().newest(), () -> over);
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
    HydratedFile next = open(database.publisher().newest(), List.of(), () -> over);
    synchronized (this) {
      replaced.add(file);
    }
    synchronized (noting) {
      file = next;
      notedChanges = -1;
    }
    notedWhole = false;
  }

  private void noteFilling() {
    try {
      noteIfDue(NOTE_MILLIS);
    } catch (IOException e) {
      var unused = trouble.failed(e);
    }
  }

  /** Notes the state for the next start, if that is worth it. */
  private void noteIfDue(long interval) throws IOException {
    HydratedFile f = file;
    long millis = TimeUnit.NANOSECONDS.toMillis(database.clock().nanos() - notedNanos);
    boolean newlyWhole = f.isComplete() && !notedWhole;
    if (newlyWhole || millis >= Math.max(interval, f.view().commit() / PAGES_PER_NOTE_MILLI)) {
      note(false);
      notedNanos = database.clock().nanos();
    }
    if (newlyWhole) {
      notedWhole = true;
      note(true);
    }
  }

  /**
   * Notes the state for the next start, unless nothing has changed. The process may end at any time
   * after that.
   *
   * @param forGood whether to wait until the disk has the note and every page, so that the machine
   *     may end too
   */
  void note(boolean forGood) throws IOException {
    synchronized (noting) {
      HydratedFile f = file;
      long changes = f.changes();
      if (!settings.persist() || (changes == notedChanges && !forGood) || !f.isAt(kept.path())) {
        return;
      }
      try {
        if (forGood) {
          f.sync();
        }
        kept.note(f, forGood);
        notedChanges = changes;
      } catch (IOException e) {
        throw new IOException("its state cannot be noted for the next start: " + e.getMessage(), e);
      }
    }
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
    over = true;
    stir();
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
