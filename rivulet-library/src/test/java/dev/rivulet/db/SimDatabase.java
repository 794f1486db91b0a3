package dev.rivulet.db;

import dev.rivulet.page.DiskCache;
import dev.rivulet.page.DiskCaches;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The real thing, hydrated if there is a disk. */
class SimDatabase implements SimSubject {
  /** Less than the larger ones of the databases have, so that its ring goes round. */
  private static final long KEPT_BYTES = 200_000;

  final @Nullable SimDisk disk;
  private final SimStore store;
  private final PageCache cache;
  private final SimClock clock;
  private final Settings settings;
  private Database database;

  SimDatabase(SimStore store, PageCache cache, SimClock clock, @Nullable SimDisk disk) {
    this.store = store;
    this.cache = cache;
    this.clock = clock;
    this.disk = disk;
    settings =
        Opened.settings(disk == null ? Map.of() : Map.of("hydration_path", disk.file().toString()));
    database = make();
  }

  private Database make() {
    NetworkModel network = NetworkModel.fixed(0.025, 85e6);
    DiskCache kept = DiskCaches.of(KEPT_BYTES);
    return new Database(settings, store, cache, kept, network, clock, this::hydration);
  }

  /** What hydrates; only asked for if there is a disk. */
  SimHydration hydration(
      Database of,
      HydrationSettings own,
      Published at,
      Collection<LtxFile> listed,
      BooleanSupplier interrupted)
      throws IOException {
    return new SimHydration(disk(), of, own, at, listed, interrupted);
  }

  SimDisk disk() {
    SimDisk d = disk;
    if (d == null) {
      throw new IllegalStateException("there is no disk");
    }
    return d;
  }

  Database database() {
    return database;
  }

  /** The process has ended, with all of its connections; and another begins. */
  void restart() {
    database.close();
    database = make();
  }

  /** The hydration of the database; null without connections, or if it could not begin. */
  @Nullable SimHydration hydration() {
    return (SimHydration) database.hydration().running();
  }

  /**
   * Lets the hydration go on, if there is one. Meanwhile connections may be closed, all of them.
   */
  void fill(int most) {
    SimHydration hydration = hydration();
    if (hydration != null) {
      Database of = database;
      of.retain(); // who closes the last connection waits for the hydrator
      try {
        hydration.go(most);
      } finally {
        Databases.release(of);
      }
    }
  }

  @Override
  public Connection connect() throws IOException {
    database.retain();
    Session session;
    try {
      session = database.openSession(settings, Opened.NEVER);
    } catch (IOException | RuntimeException | Error e) {
      Databases.release(database);
      throw e;
    }
    return new SessionConnection(session);
  }

  /** A connection. */
  static class SessionConnection implements Connection {
    final Session session;

    SessionConnection(Session session) {
      this.session = session;
    }

    @Override
    public void begin() throws IOException {
      session.begin();
    }

    @Override
    public void end() {
      session.end();
    }

    @Override
    public View view() {
      return session.view();
    }

    @Override
    public long size() {
      return session.size();
    }

    @Override
    public boolean read(long to, int length, long offset) throws IOException {
      return session.read(to, length, offset);
    }

    @Override
    public void close() {
      session.close();
    }
  }

  @Override
  public void poll() throws IOException {
    var _ = database.publisher().poll(Opened.NEVER);
  }

  @Override
  public void close() {
    database.close();
  }
}
