package dev.rivulet.db;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.IndexedFile;
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
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The past of one database: views of any moment that its replica still has.
 *
 * <p>A moment costs a listing (two round trips on a day-old replica), the headers that a search
 * asks for, and the indexes of the files of its plan that are not known yet. A moment visited
 * before costs no request: what is older than a time when something not older is there already
 * never changes, and no more does the state after a transaction. Thread-safe.
 */
final class Travel {
  /**
   * Files vanish while a plan is read only around a compaction: the second look finds the result.
   */
  private static final int TRIES = 4;

  /** Pages of one listing may straddle a compaction; a gap that was there twice is there. */
  private static final int LOOKS = 2;

  private static final long PAUSE_MILLIS = 100;

  /** Moments remembered, by plan: some hundred bytes a file of it. */
  private static final int MOMENTS = 256;

  /**
   * Views kept though nobody reads them. Others are made of their plans again, of known indexes.
   */
  private static final int VIEWS = 4;

  private final ReplicaUrl url;
  private final Replica replica;
  private final ReplicaPages pages;
  private final Headers headers;
  private final TimePlanner planner;

  // All guarded by this.
  private final ViewNumbers numbers = new ViewNumbers();
  private final Deque<View> recent = new ArrayDeque<>();
  private final Map<Moment, Plan> plans =
      new LinkedHashMap<>(64, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Moment, Plan> eldest) {
          return size() > MOMENTS;
        }
      };

  Travel(ReplicaUrl url, Replica replica, ReplicaPages pages) {
    this.url = url;
    this.replica = replica;
    this.pages = pages;
    this.headers = new Headers(replica.store());
    this.planner = new TimePlanner(headers);
  }

  Headers headers() {
    return headers;
  }

  /**
   * The view of a moment, which must not be the newest.
   *
   * @throws IOException if it cannot be had; the message names the nearest ones
   */
  View view(Moment moment, BooleanSupplier interrupted) throws IOException {
    for (int i = 1; ; i++) {
      try {
        Plan plan = remembered(moment);
        return plan == null ? look(moment, interrupted) : view(plan, interrupted);
      } catch (StaleFileException e) {
        forget(moment);
        if (i == TRIES) {
          throw e;
        }
      } catch (PlanException e) {
        throw OpenReplica.explain(url, e, moment);
      } catch (DamagedFileException e) {
        throw new IOException(
            "The replica " + url.display() + " cannot be read: " + e.getMessage(), e);
      }
      Waits.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  /** The view of a state, planned anew: files of the plan that was made for it before are gone. */
  View again(Txid txid, BooleanSupplier interrupted) throws IOException {
    Moment moment = new Moment.At(txid);
    forget(moment);
    return view(moment, interrupted);
  }

  /** The states that can be restored. */
  List<History.State> history(boolean exact, BooleanSupplier interrupted) throws IOException {
    return History.of(list(interrupted), headers, exact, interrupted);
  }

  /** Forgets every moment: the replica's files are others now, or one of them is gone. */
  synchronized void forget() {
    plans.clear();
    recent.clear();
  }

  /** Forgets one moment, so that it is planned again. */
  synchronized void forget(Moment moment) {
    Plan plan = plans.remove(moment);
    if (plan != null) {
      plans.values().removeIf(plan::equals);
      recent.removeIf(view -> view.plan().equals(plan));
    }
  }

  private synchronized @Nullable Plan remembered(Moment moment) {
    return plans.get(moment);
  }

  private View view(Plan plan, BooleanSupplier interrupted) throws IOException {
    View known = recent(plan);
    return known != null ? known : publish(plan, Waits.get(pages.load(plan), interrupted));
  }

  private synchronized @Nullable View recent(Plan plan) {
    for (View view : recent) {
      if (view.plan().equals(plan)) {
        return view;
      }
    }
    return null;
  }

  private View publish(Plan plan, List<IndexedFile> loaded) throws DamagedFileException {
    LtxHeader last = loaded.getLast().header();
    int number;
    synchronized (this) {
      number = numbers.of(plan.txid(), last.timestampMillis(), last.pageSize(), last.commit());
    }
    View view = pages.view(plan, number, loaded);
    synchronized (this) {
      recent.addFirst(view);
      while (recent.size() > VIEWS) {
        recent.removeLast();
      }
    }
    pages.fetchSchemaAhead(view);
    return view;
  }

  private View look(Moment moment, BooleanSupplier interrupted) throws IOException {
    List<LtxFile> files = list(interrupted);
    switch (moment) {
      case Moment.At at -> {
        Plan plan = Planner.at(files, at.txid());
        View view = view(plan, interrupted);
        remember(moment, plan);
        return view;
      }
      case Moment.Before before -> {
        TimePlanner.Settled<List<IndexedFile>> settled =
            planner.plan(files, before.millis(), new Indexes(), interrupted);
        settled.warn(before.millis());
        View view = publish(settled.plan(), settled.loaded());
        remember(new Moment.At(view.txid()), settled.plan());
        if (settled.past()) {
          remember(moment, settled.plan());
        }
        return view;
      }
      case Moment.Latest latest -> throw new IllegalArgumentException("that is no travelling");
    }
  }

  private synchronized void remember(Moment moment, Plan plan) {
    plans.put(moment, plan);
  }

  private List<LtxFile> list(BooleanSupplier interrupted) throws IOException {
    for (int look = 1; ; look++) {
      List<LtxFile> files = Waits.get(replica.listAll(), interrupted);
      if (files.isEmpty()) {
        throw new IOException(OpenReplica.emptyMessage(url));
      }
      if (look == LOOKS || isWhole(files)) {
        return files;
      }
      Waits.sleep(PAUSE_MILLIS, interrupted);
    }
  }

  private static boolean isWhole(List<LtxFile> files) {
    try {
      Planner.latest(files);
      return true;
    } catch (PlanException e) {
      return false;
    }
  }

  /** A plan's files are loaded by their indexes, which have the headers. */
  private final class Indexes implements TimePlanner.Loading<List<IndexedFile>> {
    @Override
    public CompletableFuture<List<IndexedFile>> begin(Plan plan) {
      return pages.load(plan);
    }

    @Override
    public LtxHeader header(List<IndexedFile> loaded, int index) {
      return loaded.get(index).header();
    }
  }
}
