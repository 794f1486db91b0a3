package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
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
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** A replica as tools use it, that list and restore and do not query. Not thread-safe. */
public final class OpenReplica implements AutoCloseable {
  private static final int TRIES = 4;
  private static final long PAUSE_MILLIS = 100;

  private final ReplicaUrl url;
  private final ObjectStore store;
  private final Replica replica;

  OpenReplica(ReplicaUrl url, ObjectStore store) {
    this.url = url;
    this.store = store;
    this.replica = new Replica(store, Layout.of(url.scheme()));
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
    return new HeaderTimes(store).header(file, interrupted);
  }

  /**
   * The plan of a state, from a new listing.
   *
   * @throws IOException if it cannot be had; the message names the nearest ones
   */
  public Plan plan(RestorePoint point, BooleanSupplier interrupted) throws IOException {
    for (int i = 1; ; i++) {
      try {
        return switch (point) {
          case RestorePoint.Newest newest ->
              Planner.latest(Waits.get(replica.listForLatest(), interrupted));
          case RestorePoint.At at -> Planner.at(files(interrupted), at.txid());
          case RestorePoint.Before before -> planBefore(before.millis(), interrupted);
        };
      } catch (StaleFileException e) {
        if (i == TRIES) {
          throw e;
        }
      } catch (PlanException e) {
        // Two pages of one listing may straddle a compaction: a gap is believed when it stays.
        if (e.reason() != PlanException.Reason.GAP || i == TRIES) {
          throw explain(e, point);
        }
      } catch (DamagedFileException e) {
        throw new IOException("The replica " + display() + " cannot be read: " + e.getMessage(), e);
      }
      Waits.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  private Plan planBefore(long millis, BooleanSupplier interrupted) throws IOException {
    List<LtxFile> files = files(interrupted);
    HeaderTimes times = new HeaderTimes(store);
    try {
      Plan plan = times.planBefore(files, millis, interrupted);
      warnIfLess(files, plan, times, millis, interrupted);
      return plan;
    } catch (PlanException e) {
      LtxFile oldest = oldest(files);
      if (oldest == null) {
        throw e;
      }
      long first = times.header(oldest, interrupted).timestampMillis();
      if (first < millis) {
        throw e;
      }
      throw new PlanException(
          e.reason(),
          "the oldest state that can be had is that of "
              + Instant.ofEpochMilli(first)
              + " (TXID "
              + oldest.max()
              + "), so the time must be later than that");
    }
  }

  /**
   * Retention may have left a merged file that reaches beyond the time, and details only of its
   * end: then the state before all of it is the best there is, and the user should know.
   */
  private static void warnIfLess(
      List<LtxFile> files, Plan plan, HeaderTimes times, long millis, BooleanSupplier interrupted)
      throws IOException {
    LtxFile beyond = Planner.beyond(files, plan).orElse(null);
    if (beyond != null && times.header(beyond, interrupted).timestampMillis() < millis) {
      Log.warn(
          "The replica has later changes from before that time (from TXID "
              + beyond.min()
              + " on), but what lies between is merged into a file that is not older; this is the"
              + " state at TXID "
              + plan.txid());
    }
  }

  /** The file that alone makes the oldest state, or null if there is none. */
  private static @Nullable LtxFile oldest(List<LtxFile> files) {
    LtxFile oldest = null;
    for (LtxFile file : files) {
      if (file.min().equals(Txid.ZERO.next())
          && (oldest == null || oldest.max().after(file.max()))) {
        oldest = file;
      }
    }
    return oldest;
  }

  private IOException explain(PlanException e, RestorePoint point) {
    return switch (e.reason()) {
      case EMPTY -> new IOException(emptyMessage(url), e);
      case GAP -> new IOException(gapMessage(url, e), e);
      case NOT_AVAILABLE -> {
        String what =
            switch (point) {
              case RestorePoint.Newest newest -> "its newest state";
              case RestorePoint.At at -> "TXID " + at.txid();
              case RestorePoint.Before before ->
                  "a state before " + Instant.ofEpochMilli(before.millis());
            };
        yield new IOException(
            "The replica " + display() + " cannot give " + what + ": " + e.getMessage(), e);
      }
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
