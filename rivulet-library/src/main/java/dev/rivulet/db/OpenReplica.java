package dev.rivulet.db;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.Layout;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.Environment;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ReplicaUrl;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreLimits;
import dev.rivulet.store.Stores;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A replica as tools use it, that list and restore and do not query. Not thread-safe. */
public final class OpenReplica implements AutoCloseable {
  private static final int TRIES = 4;
  private static final long PAUSE_MILLIS = 100;

  private final ReplicaUrl url;
  private final ObjectStore store;
  private final Replica replica;
  private final Headers headers;

  OpenReplica(ReplicaUrl url, ObjectStore store) {
    this.url = url;
    this.store = store;
    this.replica = new Replica(store, Layout.of(url.scheme()));
    this.headers = new Headers(store);
  }

  /**
   * Opens a replica; makes no request yet.
   *
   * @throws StoreException if the URL or the store's settings are wrong
   */
  public static OpenReplica open(String url, Environment environment) throws StoreException {
    ReplicaUrl parsed = ReplicaUrl.parse(url, environment);
    return new OpenReplica(parsed, Stores.open(parsed, environment, StoreLimits.defaults()));
  }

  /** The URL for people, without secrets. */
  public String display() {
    return url.display();
  }

  ObjectStore store() {
    return store;
  }

  /**
   * Every LTX file.
   *
   * @throws IOException if there is none, or the store cannot be asked
   */
  public List<LtxFile> files(BooleanSupplier interrupted) throws IOException {
    List<LtxFile> files = Waits.get(replica.listAll(), interrupted);
    if (files.isEmpty()) {
      throw new IOException(emptyMessage(url));
    }
    return files;
  }

  /** The header of one file, in one small request. */
  public LtxHeader header(LtxFile file, BooleanSupplier interrupted) throws IOException {
    return headers.read(List.of(file), interrupted).getFirst();
  }

  /**
   * The states that can be restored, ascending.
   *
   * @param exact whether the times in all headers are read; otherwise those are given that are
   *     known already
   */
  public List<History.State> history(boolean exact, BooleanSupplier interrupted)
      throws IOException {
    return History.of(files(interrupted), headers, exact, interrupted);
  }

  /**
   * The plan of a state, from a new listing.
   *
   * @throws IOException if it cannot be had; the message names the nearest ones
   */
  public Plan plan(Moment moment, BooleanSupplier interrupted) throws IOException {
    for (int i = 1; ; i++) {
      try {
        return switch (moment) {
          case Moment.Latest latest ->
              Planner.latest(Waits.get(replica.listForLatest(), interrupted));
          case Moment.At at -> Planner.at(files(interrupted), at.txid());
          case Moment.Before before -> planBefore(before.millis(), interrupted);
        };
      } catch (StaleFileException e) {
        if (i == TRIES) {
          throw e;
        }
      } catch (PlanException e) {
        // Two pages of one listing may straddle a compaction: a gap is believed when it stays.
        if (e.reason() != PlanException.Reason.GAP || i == TRIES) {
          throw explain(url, e, moment);
        }
      } catch (DamagedFileException e) {
        throw new IOException("The replica " + display() + " cannot be read: " + e.getMessage(), e);
      }
      Waits.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  private Plan planBefore(long millis, BooleanSupplier interrupted) throws IOException {
    var settled = new TimePlanner(headers).plan(files(interrupted), millis, interrupted);
    settled.warn(millis);
    return settled.plan();
  }

  /** The failure to have a moment, as a sentence for the user. */
  static IOException explain(ReplicaUrl url, PlanException e, Moment moment) {
    return switch (e.reason()) {
      case EMPTY -> new IOException(emptyMessage(url), e);
      case GAP -> new IOException(gapMessage(url, e), e);
      case NOT_AVAILABLE ->
          new IOException(
              "The replica " + url.display() + " cannot give " + moment + ": " + e.getMessage(), e);
    };
  }

  static String emptyMessage(ReplicaUrl url) {
    return "There is no replica at "
        + url.display()
        + ": no LTX files lie there. Check the URL's bucket and path; they are those that Litestream"
        + " replicates to, with the database's own folder";
  }

  static String gapMessage(ReplicaUrl url, PlanException e) {
    return "The replica "
        + url.display()
        + " has a gap: "
        + e.getMessage()
        + ". Let the primary make a new snapshot (litestream replicate -once -force-snapshot)";
  }

  @Override
  public void close() {
    store.close();
  }
}
