package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.replica.Replica;
import dev.rivulet.store.ReplicaUrl;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Finds the newest view of a replica.
 *
 * <p>Usually by one LIST of level 0, from the last known file on: that file is still there and
 * unchanged, and what comes after it adjoins. Anything else leads to a new plan from all levels, as
 * does the passing of time: pages must be found in the files that retention will keep before those
 * that they were found in are deleted. Not thread-safe: used under {@link Publisher}'s lock.
 */
final class Poller {
  /**
   * Files vanish while a plan is read only around a compaction: the second look finds the result.
   */
  private static final int TRIES = 4;

  private static final long PAUSE_MILLIS = 100;

  /**
   * New files on level 0 that are read one by one; of more than these, levels above have merged
   * most.
   */
  private static final int MOST_NEW_FILES = 100;

  /**
   * Between two plans: by default Litestream merges level 0 every 30 seconds and deletes what was
   * merged after five minutes.
   */
  private static final long REPLAN_NANOS = 30_000_000_000L;

  /**
   * After a plan that failed although level 0 could be followed: soon enough before retention,
   * which waits for minutes, and not at each poll, for a plan is many requests.
   */
  private static final long RETRY_NANOS = 10_000_000_000L;

  /** A plan's LISTs must not be more than six a minute. */
  private static final long NANOS_PER_LIST = 10_000_000_000L;

  private final ReplicaUrl url;
  private final Replica replica;
  private final ReplicaPages pages;
  private final Clock clock;

  private int lastNumber;

  /** The file on level 0 that ends where the newest view does. */
  private @Nullable LtxFile anchor;

  /** What was listed for the last plan, until nobody can ask any more. */
  private List<LtxFile> listed = List.of();

  /** From when on a new plan is to be made. */
  private long planDueNanos;

  /** Read by other threads too. */
  private volatile @Nullable String planError;

  Poller(ReplicaUrl url, Replica replica, ReplicaPages pages, Clock clock) {
    this.url = url;
    this.replica = replica;
    this.pages = pages;
    this.clock = clock;
  }

  /**
   * The newest view, by as few requests as it takes.
   *
   * @param mayPlan whether to make a new plan if the last one is old
   * @return {@code current} itself if nothing is new
   */
  Published poll(Published current, boolean mayPlan, BooleanSupplier interrupted)
      throws IOException {
    Published next = extend(current, interrupted);
    if (next == null) {
      return planFrom(current, interrupted);
    }
    if (!mayPlan || clock.nanos() - planDueNanos <= 0) {
      return next;
    }
    try {
      return planFrom(next, interrupted);
    } catch (InterruptedIOException e) {
      if (next.is(current)) {
        throw e;
      }
      return next;
    } catch (IOException e) {
      planFailed(e);
      return next; // the newest all the same
    }
  }

  private void planFailed(IOException why) {
    planDueNanos = clock.nanos() + RETRY_NANOS;
    String message = String.valueOf(why.getMessage());
    if (planError == null) {
      Log.warn(
          "New transactions of the replica "
              + url.display()
              + " are followed, but older pages are still looked for in files that retention will"
              + " delete, for no new plan can be made: "
              + message);
    }
    planError = message;
  }

  /**
   * Why the plan that is due cannot be made, in words; null if it is not due or was made.
   * Thread-safe.
   */
  @Nullable String planError() {
    return planError;
  }

  /** Follows level 0 file by file; null if that does not lead from the view to the newest state. */
  private @Nullable Published extend(Published current, BooleanSupplier interrupted)
      throws IOException {
    View view = current.view();
    Replica.Tail tail = Waits.get(replica.listTail(view.txid()), interrupted);
    List<LtxFile> files = tail.files();
    LtxFile last = anchor;
    if (last == null && files.isEmpty()) {
      return current; // a replica at rest, all of whose level 0 was merged
    }
    if (last == null || files.isEmpty() || !Lineage.isSame(files.getFirst(), last)) {
      // It was merged and deleted, or replaced; or there was none, and nothing tells whether what
      // is on level 0 now goes on from this view or is of another history.
      return null;
    }
    files = files.subList(1, files.size());
    if (files.isEmpty() && tail.complete()) {
      return current;
    }
    if (!tail.complete() || files.size() > MOST_NEW_FILES || !isChain(view, files)) {
      return null;
    }
    try {
      View next = Waits.get(pages.extend(view, files, lastNumber + 1), interrupted);
      lastNumber++;
      anchor = files.getLast();
      return new Published(next, current.lineage());
    } catch (StaleFileException | DamagedFileException e) {
      return null; // perhaps another file has the same transactions
    }
  }

  /** The newest view, planned from all levels. */
  Published plan(Published current, BooleanSupplier interrupted) throws IOException {
    return planFrom(current, interrupted);
  }

  /** The first view. */
  Published open(BooleanSupplier interrupted) throws IOException {
    return planFrom(null, interrupted);
  }

  /** The files that the first view was planned from; once. */
  List<LtxFile> takeListed() {
    List<LtxFile> files = listed;
    listed = List.of();
    return files;
  }

  /** Whether files follow each other and the view without a gap. */
  private static boolean isChain(View view, List<LtxFile> files) {
    var reached = view.txid();
    for (LtxFile file : files) {
      if (!file.extendsFrom(reached)) {
        return false;
      }
      reached = file.max();
    }
    return true;
  }

  /**
   * The newest view, planned from all levels.
   *
   * @param current the newest known, or null at first
   */
  private Published planFrom(@Nullable Published current, BooleanSupplier interrupted)
      throws IOException {
    boolean all = false;
    for (int i = 1; ; i++) {
      try {
        // A gap may only be one in what was listed: two compactors leave files that straddle more
        // than listForLatest counts on. All files together have the last word.
        List<LtxFile> files = Waits.get(all ? replica.listAll() : listLatest(current), interrupted);
        Plan plan = Planner.latest(files);
        Published next = publish(current, plan, files, all, interrupted);
        if (next != null) {
          anchor = anchor(plan, files);
          listed = current == null ? files : List.of();
          planDueNanos =
              clock.nanos() + Math.max(REPLAN_NANOS, Replica.lists(files.size()) * NANOS_PER_LIST);
          planError = null;
          return next;
        }
        all = true;
      } catch (StaleFileException e) {
        if (i == TRIES) {
          throw e;
        }
      } catch (PlanException e) {
        if (e.reason() == PlanException.Reason.EMPTY) {
          throw new IOException(OpenReplica.emptyMessage(url), e);
        }
        all = true;
        if (i == TRIES) {
          throw new IOException(OpenReplica.gapMessage(url, e), e);
        }
      } catch (DamagedFileException e) {
        throw new IOException(
            "The replica " + url.display() + " cannot be opened: " + e.getMessage(), e);
      }
      clock.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  /** Who opens waits for the listing; a follower must not ask for more than it needs. */
  private CompletableFuture<List<LtxFile>> listLatest(@Nullable Published current) {
    return current == null ? replica.listToOpen() : replica.listForLatest();
  }

  /**
   * The view of a plan; null if it seems to be that of a replaced replica, which is believed only
   * when all files were listed and say so.
   */
  private @Nullable Published publish(
      @Nullable Published current,
      Plan plan,
      List<LtxFile> files,
      boolean all,
      BooleanSupplier interrupted)
      throws IOException {
    if (current == null) {
      View first = Waits.get(pages.view(plan, lastNumber + 1), interrupted);
      lastNumber++;
      return new Published(first, 0);
    }
    View view = current.view();
    boolean other = Lineage.isOtherByName(view, anchor, plan, files);
    if (!other && plan.equals(view.plan())) {
      return current;
    }
    if (other && !all) {
      return null;
    }
    View next = Waits.get(pages.view(plan, lastNumber + 1), interrupted);
    other = other || Lineage.isOther(view, anchor, next, files);
    if (other && !all) {
      return null;
    }
    if (!other && Lineage.isSameState(view, anchor, next, files)) {
      // The same state, found in other files: SQLite's page cache stays good.
      return new Published(next.withNumber(view.number()), current.lineage());
    }
    lastNumber++;
    return other
        ? new Published(next, current.lineage() + 1)
        : new Published(next, current.lineage(), Lineage.proven(view, anchor, files));
  }

  private static @Nullable LtxFile anchor(Plan plan, List<LtxFile> files) {
    for (LtxFile file : files) {
      if (file.level() == 0 && file.max().equals(plan.txid())) {
        return file;
      }
    }
    return null;
  }
}
