package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.log.OutOfMemory;
import dev.rivulet.page.DiskCache;
import dev.rivulet.page.PageCache;
import dev.rivulet.store.S3Store;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The databases of this process: one for each replica, however many connections there are.
 *
 * <p>A database without connections makes no request, but is kept for the next one: a host that
 * opens and closes a connection for each query then finds its page map and pages still there.
 * Thread-safe.
 */
public final class Databases {
  /** Kept without a connection; their page maps are what they cost, 2 bytes a page or so. */
  private static final int IDLE = 16;

  /** Least recently opened first. Guarded by the class. */
  private static final Map<String, Database> OPEN = new LinkedHashMap<>(16, 0.75f, true);

  private static @Nullable PageCache cache;

  private static @Nullable DiskCache disk;

  /** The heap was full once; then nothing is kept for a next connection any more. */
  private static volatile boolean memoryWasShort;

  /** The host's JVM is ending. */
  private static volatile boolean ending;

  private Databases() {}

  /**
   * Opens a session on the state of a replica that the settings name, usually the newest.
   *
   * @param interrupted asked while waiting; true ends the wait
   * @throws IOException if the replica cannot be read; the message says what to do
   */
  public static Session open(Settings settings, BooleanSupplier interrupted) throws IOException {
    try {
      return tryOpen(settings, interrupted);
    } catch (IOException | OutOfMemoryError e) {
      // What is kept for a next connection must not cost this one its life.
      if (!OutOfMemory.isCauseOf(e) || !closeIdle()) {
        throw e;
      }
      return tryOpen(settings, interrupted);
    }
  }

  private static Session tryOpen(Settings settings, BooleanSupplier interrupted)
      throws IOException {
    Database database;
    List<Database> surplus = new ArrayList<>();
    synchronized (Databases.class) {
      if (cache == null) {
        cache = new PageCache(settings.caches().memory());
        awaitEnd();
      }
      cache.raiseBudget(settings.caches().memory());
      DiskCache keep = disk(settings, cache);
      String key = settings.url().identity();
      database = OPEN.get(key);
      if (database == null) {
        database = new Database(settings, cache, keep);
        OPEN.put(key, database);
        collectSurplus(surplus, IDLE);
      }
      database.retain();
    }
    for (Database old : surplus) {
      old.close();
    }
    try {
      return database.openSession(settings, interrupted);
    } catch (IOException | RuntimeException | Error e) {
      release(database);
      throw e;
    }
  }

  /** Where a database keeps what the page cache has no room for; null if it does not. */
  private static @Nullable DiskCache disk(Settings settings, PageCache memory) {
    // What lies on a disk, or soon will, need not lie there twice.
    if (settings.caches().disk() == 0
        || settings.url().scheme().equals("file")
        || settings.hydration().enabled()) {
      return null;
    }
    if (disk == null) {
      disk =
          DiskCache.in(
              TemporaryFolders.of(settings.environment()),
              memory.budget(),
              why ->
                  Log.info(
                      "Nothing is kept on disk of what the page cache has no room for: "
                          + why
                          + ". What is needed again is fetched again (disk_cache_size)"));
    }
    disk.raiseLimit(settings.caches().disk());
    return disk;
  }

  /** Closes what has no connection; false if there was nothing. */
  private static boolean closeIdle() {
    List<Database> surplus = new ArrayList<>();
    synchronized (Databases.class) {
      collectSurplus(surplus, 0);
    }
    for (Database old : surplus) {
      old.close();
    }
    return !surplus.isEmpty();
  }

  private static void collectSurplus(List<Database> surplus, int kept) {
    int idle = 0;
    for (Database d : OPEN.values()) {
      idle += d.isIdle() ? 1 : 0;
    }
    var all = OPEN.values().iterator();
    while (idle > kept && all.hasNext()) {
      Database d = all.next();
      if (d.isIdle()) {
        all.remove();
        surplus.add(d);
        idle--;
      }
    }
  }

  static void release(Database database) {
    synchronized (Databases.class) {
      database.unretain();
    }
    database.hydration().end(false);
    if (ending) {
      closeUnused();
    } else if (memoryWasShort) {
      var unused = closeIdle();
    }
  }

  /**
   * In a Java host there are other shutdown hooks, run beside this one, that may ask databases:
   * those of a server that answers what it has begun. So what is closed is what has no connection,
   * now and whenever one more is closed. A JVM that was begun for the extension runs no hooks.
   */
  private static void awaitEnd() {
    try {
      Runtime.getRuntime().addShutdownHook(new Thread(Databases::end, "rivulet-end"));
    } catch (IllegalStateException e) {
      ending = true; // The first one is opened by another hook.
    }
  }

  private static void end() {
    ending = true;
    closeUnused();
  }

  private static void closeUnused() {
    var unused = closeIdle();
    S3Store.shutdownUnused();
  }

  /** A connection's work failed for want of memory. */
  public static void memoryIsShort() {
    memoryWasShort = true;
  }

  /** Closes everything: for the end of the process. Open sessions fail from then on. */
  public static void closeAll() {
    List<Database> all;
    synchronized (Databases.class) {
      all = new ArrayList<>(OPEN.values());
      OPEN.clear();
    }
    for (Database d : all) {
      d.close();
    }
    S3Store.shutdownAll();
  }
}
