package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Litestream's restore plan as its algorithm is written down (vfs-behaviour, section 4.1): a cursor
 * a level. Slow and literal; what {@link Planner} is compared with.
 */
final class ReferencePlan {
  /** The order of a level's listing (ltx-format.md, section 10). */
  private static final Comparator<LtxFile> ORDER =
      Comparator.comparing(LtxFile::min).thenComparing(LtxFile::max);

  /** Why there is none: Litestream has two errors. */
  static final class Refused extends Exception {
    private static final long serialVersionUID = 1;

    Refused(String why) {
      super(why);
    }
  }

  private final class Cursor {
    final Iterator<LtxFile> it;
    @Nullable LtxFile head;
    @Nullable LtxFile cand;
    boolean done;

    Cursor(int level) {
      it = list(level).iterator();
    }

    void fill() {
      if (head == null && !done) {
        if (it.hasNext()) {
          head = it.next();
        } else {
          done = true;
        }
      }
    }

    void refresh() {
      if (done) {
        return;
      }
      if (cand != null && !cand.max().after(cur)) {
        cand = null;
      }
      while (true) {
        fill();
        LtxFile f = head;
        if (done || f == null) {
          return;
        }
        if (f.min().after(cur.next())) {
          return;
        }
        head = null;
        if (!f.max().after(cur)) {
          continue;
        }
        if (txid != 0 && f.max().after(new Txid(txid))) {
          continue;
        }
        if (!early.test(f)) {
          continue;
        }
        if (cand == null || better(cand, f)) {
          cand = f;
        }
      }
    }
  }

  private final List<LtxFile> files;
  private final long txid;
  private final boolean timed;
  private final Predicate<LtxFile> early;
  private Txid cur = Txid.ZERO;

  private ReferencePlan(List<LtxFile> files, long txid, boolean timed, Predicate<LtxFile> early) {
    this.files = files;
    this.txid = txid;
    this.timed = timed;
    this.early = early;
  }

  static List<LtxFile> latest(List<LtxFile> files) throws Refused {
    return new ReferencePlan(files, 0, false, f -> true).calculate();
  }

  static List<LtxFile> at(List<LtxFile> files, long txid) throws Refused {
    return new ReferencePlan(files, txid, false, f -> true).calculate();
  }

  static List<LtxFile> before(List<LtxFile> files, Predicate<LtxFile> early) throws Refused {
    return new ReferencePlan(files, 0, true, early).calculate();
  }

  private List<LtxFile> list(int level) {
    return files.stream().filter(f -> f.level() == level).sorted(ORDER).toList();
  }

  private static boolean better(LtxFile a, LtxFile b) {
    if (!a.max().equals(b.max())) {
      return b.max().after(a.max());
    }
    if (!a.min().equals(b.min())) {
      return a.min().after(b.min());
    }
    return b.level() > a.level();
  }

  private List<LtxFile> calculate() throws Refused {
    List<LtxFile> plan = new ArrayList<>();
    LtxFile base = null;
    for (LtxFile f : list(9)) {
      if (txid != 0 && f.max().after(new Txid(txid))) {
        continue;
      }
      if (!early.test(f)) {
        continue;
      }
      base = f;
    }
    if (base != null) {
      plan.add(base);
      cur = base.max();
    }
    if (txid != 0 && !new Txid(txid).after(cur)) {
      return plan;
    }
    List<Cursor> cursors = new ArrayList<>();
    for (int level = 8; level >= 0; level--) {
      cursors.add(new Cursor(level));
    }
    while (true) {
      Cursor best = null;
      LtxFile chosen = null;
      for (Cursor c : cursors) {
        c.refresh();
        LtxFile cand = c.cand;
        if (cand != null && (chosen == null || better(chosen, cand))) {
          best = c;
          chosen = cand;
        }
      }
      if (best == null || chosen == null) {
        break;
      }
      best.cand = null;
      if (!chosen.max().after(cur)) {
        continue;
      }
      plan.add(chosen);
      cur = chosen.max();
      if (txid != 0 && !new Txid(txid).after(cur)) {
        break;
      }
    }
    if (!plan.isEmpty() && txid == 0 && !timed) {
      for (Cursor c : cursors) {
        c.fill();
        LtxFile head = c.head;
        if (head != null && head.min().after(cur.next())) {
          throw new Refused("non-contiguous ltx files");
        }
      }
    }
    if (plan.isEmpty()) {
      throw new Refused("not available");
    }
    if (txid != 0 && new Txid(txid).after(plan.getLast().max())) {
      throw new Refused("not available");
    }
    return plan;
  }
}
