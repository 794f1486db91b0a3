package dev.rivulet.db;

import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.CountingStore;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreLimits;
import dev.rivulet.store.Stores;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica in this process: its newest known view, and what its sessions share.
 *
 * <p>Thread-safe. The view is published in one volatile field; only whoever holds the planning lock
 * makes a new one.
 */
public final class Database {
  /** A connection opened within this time of the last look at the store takes the view as it is. */
  private static final long FRESH_NANOS = 1_000_000_000L;

  /**
   * Files vanish while a plan is read only around a compaction: the second look finds the result.
   */
  private static final int TRIES = 4;

  private static final long PAUSE_MILLIS = 100;

  private final Settings settings;
  private final CountingStore store;
  private final Replica replica;
  private final ReplicaPages pages;

  private final ReentrantLock planning = new ReentrantLock();

  /** Guarded by {@code planning}. */
  private int lastNumber;

  private volatile @Nullable View view;
  private volatile long lookedNanos;

  /** Guarded by {@link Databases}. */
  private int sessions;

  Database(Settings settings, PageCache cache) throws StoreException {
    this(
        settings,
        Stores.open(settings.url(), settings.environment(), StoreLimits.defaults()),
        cache,
        new NetworkModel());
  }

  /** The replica that the settings name, in a store of the caller's. */
  Database(Settings settings, ObjectStore store, PageCache cache, NetworkModel network) {
    this.settings = settings;
    this.store = new CountingStore(store);
    this.replica = new Replica(this.store, Layout.of(settings.url().scheme()));
    this.pages = new ReplicaPages(this.store, cache, network);
  }

  void retain() {
    sessions++;
  }

  void unretain() {
    sessions--;
  }

  boolean isIdle() {
    return sessions == 0;
  }

  Session openSession(Settings own, BooleanSupplier interrupted) throws IOException {
    View current = view;
    if (current == null || System.nanoTime() - lookedNanos > FRESH_NANOS) {
      current = planAgain(current, interrupted);
    }
    return new Session(this, current, own.pinned(), interrupted);
  }

  /** The newest known view. */
  View newest() {
    View v = view;
    if (v == null) {
      throw new IllegalStateException("no session was ever opened");
    }
    return v;
  }

  ReplicaPages pages() {
    return pages;
  }

  CountingStore store() {
    return store;
  }

  Settings settings() {
    return settings;
  }

  /**
   * Looks at the store and publishes the newest view, unless somebody else did while this call
   * waited.
   *
   * @param seen the view that the caller found wanting
   */
  View planAgain(@Nullable View seen, BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      View current = view;
      if (current != null && (seen == null || current.number() != seen.number())) {
        return current;
      }
      View next = look(current, interrupted);
      lookedNanos = System.nanoTime();
      if (current == null || next.number() != current.number()) {
        view = next;
        pages.fetchSchemaAhead(next);
      }
      return next;
    } finally {
      planning.unlock();
    }
  }

  private View look(@Nullable View current, BooleanSupplier interrupted) throws IOException {
    boolean gap = false;
    for (int i = 1; ; i++) {
      try {
        // A gap may only be one in what was listed: two compactors leave files that straddle more
        // than listForLatest counts on. All files together have the last word.
        Plan plan =
            Planner.latest(
                Waits.get(gap ? replica.listAll() : replica.listForLatest(), interrupted));
        if (current != null && current.plan().equals(plan)) {
          return current;
        }
        View next = Waits.get(pages.view(plan, lastNumber + 1), interrupted);
        lastNumber++;
        return next;
      } catch (StaleFileException e) {
        if (i == TRIES) {
          throw e;
        }
      } catch (PlanException e) {
        if (e.reason() == PlanException.Reason.EMPTY) {
          throw new IOException(OpenReplica.emptyMessage(settings.url()), e);
        }
        gap = true;
        if (i == TRIES) {
          throw new IOException(OpenReplica.gapMessage(settings.url(), e), e);
        }
      } catch (DamagedFileException e) {
        throw new IOException(
            "The replica " + settings.url().display() + " cannot be opened: " + e.getMessage(), e);
      }
      Waits.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  /** A state of the past. */
  View at(RestorePoint point, BooleanSupplier interrupted) throws IOException {
    Plan plan = new OpenReplica(settings.url(), store).plan(point, interrupted);
    Waits.lock(planning, interrupted);
    try {
      return Waits.get(pages.view(plan, ++lastNumber), interrupted);
    } finally {
      planning.unlock();
    }
  }

  void close() {
    pages.close();
    store.close();
  }
}
