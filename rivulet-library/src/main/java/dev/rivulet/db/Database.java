package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.page.DiskCache;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.CountingStore;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreLimits;
import dev.rivulet.store.Stores;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One replica in this process: what its sessions share, from the pages to the thread that follows.
 *
 * <p>Thread-safe, and without a lock of its own: the {@link Publisher} has the newest known state,
 * the {@link HydrationSlot} the local file. What a session is told to read is always one of the
 * replica's states, and no older than the session accepts.
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

  private final HydrationSlot hydration;
  private final Publisher publisher;

  private final AtomicInteger sessions = new AtomicInteger();

  /** Whether somebody has looked at the schema of a view. */
  private volatile boolean schemaSeen;

  Database(Settings settings, PageCache cache, @Nullable DiskCache disk) throws StoreException {
    this(
        settings,
        Stores.open(settings.url(), settings.environment(), StoreLimits.defaults()),
        cache,
        disk,
        new NetworkModel(),
        Clock.SYSTEM,
        true,
        Hydration::new);
  }

  /** The replica that the settings name, in a store of the caller's, who polls himself. */
  Database(
      Settings settings, ObjectStore store, PageCache cache, NetworkModel network, Clock clock) {
    this(settings, store, cache, null, network, clock, false, Hydration::new);
  }

  /** The same, with a disk and a hydration of the caller's. */
  Database(
      Settings settings,
      ObjectStore store,
      PageCache cache,
      @Nullable DiskCache disk,
      NetworkModel network,
      Clock clock,
      Hydration.Maker hydrations) {
    this(settings, store, cache, disk, network, clock, false, hydrations);
  }

  private Database(
      Settings settings,
      ObjectStore store,
      PageCache cache,
      @Nullable DiskCache disk,
      NetworkModel network,
      Clock clock,
      boolean following,
      Hydration.Maker hydrations) {
    this.settings = settings;
    this.clock = clock;
    this.following = following;
    this.hydration = new HydrationSlot(this, hydrations);
    this.store = new CountingStore(store);
    // Where the caller polls, everything happens when and where he says.
    this.pages =
        new ReplicaPages(
            this.store, cache, network, following ? ReplicaPages.BACKGROUND : Runnable::run, disk);
    Replica replica = new Replica(this.store, Layout.of(settings.url().scheme()));
    this.follower = new Follower(this, clock, PollSchedule.DEFAULT_INTERVAL_MILLIS);
    this.travel = new Travel(settings.url(), replica, pages);
    this.publisher =
        new Publisher(
            new Poller(settings.url(), replica, pages, clock), follower, hydration, travel, clock);
  }

  void retain() {
    var unused = sessions.incrementAndGet();
  }

  void unretain() {
    if (sessions.decrementAndGet() == 0) {
      follower.stop();
      pages.rest();
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
    boolean known = publisher.published() != null;
    if (known) {
      hydration.begin(own.hydration(), interrupted);
    }
    HydratedFile local = hydration.file();
    if (known && !schemaSeen) {
      if (local == null || !local.wasKept()) {
        pages.fetchSchemaAhead(at.view());
      }
      schemaSeen = true;
    }
    return new Session(this, at, own, interrupted);
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
    Published newest = publisher.published();
    if (newest != null
        && moment instanceof Moment.At to
        && newest.view().txid().equals(to.txid())) {
      return newest;
    }
    return new Published(travel.view(moment, interrupted), newest == null ? 0 : newest.lineage());
  }

  /** The newest state, which is followed from now on. */
  private Published latest(BooleanSupplier interrupted) throws IOException {
    Published current = publisher.published();
    if (current == null) {
      current = publisher.planAgain(null, interrupted);
    } else if (follower.lagNanos() > follower.schedule().intervalMillis() * 1_000_000) {
      current = publisher.poll(interrupted);
    }
    follower.schedule().read(clock.nanos());
    if (following) {
      follower.start();
    }
    return current;
  }

  Publisher publisher() {
    return publisher;
  }

  /** The past of this replica. */
  Travel travel() {
    return travel;
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
      publisher.pollIfOlder(now, interrupted);
    }
    if (maxStalenessMillis > 0 && follower.lagNanos() > maxStalenessMillis * 1_000_000) {
      publisher.pollIfOlder(now, interrupted);
      if (follower.lagNanos() > maxStalenessMillis * 1_000_000) {
        throw new IOException(staleMessage(maxStalenessMillis));
      }
    }
    return publisher.newest();
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

  /** The follower's poll. */
  void pollInBackground(BooleanSupplier over) throws IOException {
    publisher.pollInBackground(over);
  }

  void setPollIntervalMillis(long millis) {
    follower.schedule().setIntervalMillis(millis);
    follower.reschedule();
  }

  Follower follower() {
    return follower;
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
