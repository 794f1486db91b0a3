package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.natives.Publication;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.CountingStore;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreLimits;
import dev.rivulet.store.Stores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica in this process: its newest known view, and what its sessions share.
 *
 * <p>Thread-safe. The view is published in one volatile field; only whoever holds the planning lock
 * makes a new one. Readers of a published view need no lock.
 */
public final class Database {
  private final Settings settings;
  private final Clock clock;
  private final CountingStore store;
  private final ReplicaPages pages;
  private final Follower follower;
  private final Travel travel;

  /** Whether a thread follows; else only who asks for it polls. */
  private final boolean following;

  private final ReentrantLock planning = new ReentrantLock();

  /** Guarded by {@code planning}. */
  private final Poller poller;

  private volatile @Nullable Published published;

  /** Goes on after whatever a beginning transaction would look at has changed. */
  private final Publication publication = new Publication();

  private final AtomicInteger sessions = new AtomicInteger();

  private final HydrationSlot hydration;

  /** Whether the newest view is known, and nobody has looked at its schema yet. */
  private volatile boolean schemaWanted;

  Database(Settings settings, PageCache cache) throws StoreException {
    this(
        settings,
        Stores.open(settings.url(), settings.environment(), StoreLimits.defaults()),
        cache,
        new NetworkModel(),
        Clock.SYSTEM,
        true,
        Hydration::new);
  }

  /** The replica that the settings name, in a store of the caller's, who polls himself. */
  Database(
      Settings settings, ObjectStore store, PageCache cache, NetworkModel network, Clock clock) {
    this(settings, store, cache, network, clock, false, Hydration::new);
  }

  /** The same, with a hydration of the caller's. */
  Database(
      Settings settings,
      ObjectStore store,
      PageCache cache,
      NetworkModel network,
      Clock clock,
      Hydration.Maker hydrations) {
    this(settings, store, cache, network, clock, false, hydrations);
  }

  private Database(
      Settings settings,
      ObjectStore store,
      PageCache cache,
      NetworkModel network,
      Clock clock,
      boolean following,
      Hydration.Maker hydrations) {
    this.settings = settings;
    this.clock = clock;
    this.following = following;
    this.hydration = new HydrationSlot(this, hydrations);
    this.store = new CountingStore(store);
    this.pages = new ReplicaPages(this.store, cache, network);
    Replica replica = new Replica(this.store, Layout.of(settings.url().scheme()));
    this.poller = new Poller(settings.url(), replica, pages, clock);
    this.follower = new Follower(this, clock, PollSchedule.DEFAULT_INTERVAL_MILLIS);
    this.travel = new Travel(settings.url(), replica, pages);
  }

  void retain() {
    var unused = sessions.incrementAndGet();
  }

  void unretain() {
    if (sessions.decrementAndGet() == 0) {
      follower.stop();
    }
  }

  boolean isIdle() {
    return sessions.get() == 0;
  }

  Session openSession(Settings own, BooleanSupplier interrupted) throws IOException {
    if (own.pollIntervalMillis() > 0) {
      setPollIntervalMillis(own.pollIntervalMillis());
    }
    Published at = at(own.moment(), interrupted);
    if (published != null) {
      hydration.begin(own.hydration(), interrupted);
    }
    HydratedFile local = hydration.file();
    if (schemaWanted && (local == null || !local.wasKept())) {
      pages.fetchSchemaAhead(at.view());
    }
    schemaWanted = false;
    return new Session(this, at, own, interrupted);
  }

  /** Files of the replica as far as they are known. */
  List<LtxFile> listed() {
    planning.lock();
    try {
      List<LtxFile> files = new ArrayList<>(newest().view().plan().files());
      files.addAll(poller.takeListed());
      return files;
    } finally {
      planning.unlock();
    }
  }

  HydrationSlot hydration() {
    return hydration;
  }

  /**
   * What is read at a moment. Views away in time have numbers of a range of their own ({@link
   * ViewNumbers}), the same for the same state.
   *
   * @throws IOException if it cannot be had; the message names the nearest moments that can
   */
  Published at(Moment moment, BooleanSupplier interrupted) throws IOException {
    if (moment instanceof Moment.Latest) {
      return latest(interrupted);
    }
    Published newest = published;
    if (newest != null
        && moment instanceof Moment.At to
        && newest.view().txid().equals(to.txid())) {
      return newest;
    }
    return new Published(travel.view(moment, interrupted), newest == null ? 0 : newest.lineage());
  }

  /** The newest state, which is followed from now on. */
  private Published latest(BooleanSupplier interrupted) throws IOException {
    Published current = published;
    if (current == null) {
      current = planAgain(null, interrupted);
    } else if (follower.lagNanos() > follower.schedule().intervalMillis() * 1_000_000) {
      current = poll(interrupted);
    }
    follower.schedule().read(clock.nanos());
    if (following) {
      follower.start();
    }
    return current;
  }

  Publication publication() {
    return publication;
  }

  /** The past of this replica. */
  Travel travel() {
    return travel;
  }

  /** What is published now. */
  Published newest() {
    Published p = published;
    if (p == null) {
      throw new IllegalStateException("no session was ever opened");
    }
    return p;
  }

  /** Whether the replica is known to have another history now. */
  boolean isReplacedSince(int lineage) {
    Published p = published;
    return p != null && p.lineage() != lineage;
  }

  /**
   * What a transaction reads that begins now. Waits for a poll only if they had become rare because
   * nobody read, or if what is known is older than the reader accepts.
   *
   * @param maxStalenessMillis how long ago the last successful poll may be; 0 is any time
   * @throws IOException if it is longer ago, and polling now fails too
   */
  Published forTransaction(long maxStalenessMillis, BooleanSupplier interrupted)
      throws IOException {
    long now = clock.nanos();
    PollSchedule schedule = follower.schedule();
    schedule.read(now);
    if (schedule.mustPoll(now)) {
      pollIfOlder(now, interrupted);
    }
    if (maxStalenessMillis > 0 && follower.lagNanos() > maxStalenessMillis * 1_000_000) {
      pollIfOlder(now, interrupted);
      if (follower.lagNanos() > maxStalenessMillis * 1_000_000) {
        throw new IOException(staleMessage(maxStalenessMillis));
      }
    }
    return newest();
  }

  private String staleMessage(long maxStalenessMillis) {
    String why = follower.lastError();
    return "What is known of the replica "
        + settings.url().display()
        + " is "
        + follower.lagNanos() / 1_000_000_000
        + " s old, and max_staleness is "
        + GoDuration.format(maxStalenessMillis)
        + (why == null ? "" : ". The last poll failed: " + why)
        + ". Try again, or allow more with PRAGMA litestream_max_staleness";
  }

  /** Polls unless somebody else has begun to since; a failure is the follower's to tell. */
  private void pollIfOlder(long since, BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      if (follower.schedule().lastPollNanos() - since < 0) {
        // While nobody read nothing was planned, and files of the old plan may be gone.
        pollLocked(true, interrupted);
      }
    } catch (java.io.InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // It was noted by pollLocked: the lag says so, and what is published is still a true state.
      return;
    } finally {
      planning.unlock();
    }
  }

  /** Looks for newer transactions now, and returns what is newest then. */
  Published poll(BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      return pollLocked(true, interrupted);
    } finally {
      planning.unlock();
    }
  }

  /** What is newest in the store now, whether anybody has asked before or not. */
  Published refresh(BooleanSupplier interrupted) throws IOException {
    return published == null ? planAgain(null, interrupted) : poll(interrupted);
  }

  /** The follower's poll: without connections or readers it asks for as little as can be. */
  void pollInBackground(BooleanSupplier over) throws IOException {
    Waits.lock(planning, over);
    try {
      if (!over.getAsBoolean()) {
        pollLocked(!follower.schedule().isPause(clock.nanos()), over);
      }
    } finally {
      planning.unlock();
    }
  }

  private Published pollLocked(boolean mayPlan, BooleanSupplier interrupted) throws IOException {
    Published current = newest();
    return look(() -> poller.poll(current, mayPlan, interrupted));
  }

  /**
   * Plans from the store and publishes the newest view, unless somebody else published another
   * while this call waited.
   *
   * @param seen what the caller found wanting
   */
  Published planAgain(@Nullable Published seen, BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      Published current = published;
      if (current != null && !current.is(seen)) {
        return current;
      }
      return look(
          () -> current == null ? poller.open(interrupted) : poller.plan(current, interrupted));
    } finally {
      planning.unlock();
    }
  }

  private interface Look {
    Published look() throws IOException;
  }

  /** Publishes what a look at the store finds, and notes how that went. */
  private Published look(Look look) throws IOException {
    long begun = clock.nanos();
    follower.schedule().polling(begun);
    Published next;
    try {
      next = look.look();
    } catch (java.io.InterruptedIOException e) {
      throw e; // the reader's wish, and no fault of the store
    } catch (IOException e) {
      if (published != null) {
        follower.failed(e);
      }
      throw e;
    } finally {
      follower.reschedule();
    }
    follower.succeeded(begun);
    Published before = published;
    if (!next.is(before)) {
      hydration.admit(next);
      published = next;
      publication.next();
      if (before != null && next.lineage() != before.lineage()) {
        travel.forget();
      }
      if (before == null) {
        schemaWanted = true;
      }
    }
    return next;
  }

  void setPollIntervalMillis(long millis) {
    follower.schedule().setIntervalMillis(millis);
    follower.reschedule();
  }

  Follower follower() {
    return follower;
  }

  /** As {@link Poller#planError}. */
  @Nullable String planError() {
    return poller.planError();
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

  Clock clock() {
    return clock;
  }

  void close() {
    hydration.end(true);
    follower.stop();
    pages.close();
    store.close();
  }
}
