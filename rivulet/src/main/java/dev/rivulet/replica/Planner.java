package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.PlanException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;

/**
 * Chooses the files that reproduce a state: Litestream's restore plan (reference/vfs-behaviour.md,
 * section 4.1) as greedy interval covering.
 *
 * <p>It begins with the newest snapshot that fits; after that, of all files that start at or before
 * the next transaction, always the one that reaches furthest. Files that straddle what was reached
 * fit too. Example: a snapshot 1-50, L1 files 41-60 and 61-70, L0 files 61 to 75: the plan is 1-50,
 * 41-60, 61-70, 71, 72, 73, 74, 75.
 *
 * <p>Pure functions; the order of the files given does not matter.
 */
public final class Planner {
  private Planner() {}

  /**
   * The plan of the newest state.
   *
   * @throws PlanException {@code EMPTY} without files; {@code GAP} if files lie beyond what can be
   *     reached
   */
  public static Plan latest(Collection<LtxFile> files) throws PlanException {
    if (files.isEmpty()) {
      throw new PlanException(Reason.EMPTY, "there are no LTX files");
    }
    List<LtxFile> chosen = cover(files, f -> true, null);
    Txid reached = chosen.isEmpty() ? Txid.ZERO : chosen.getLast().max();
    for (LtxFile file : files) {
      if (file.level() != LtxFile.SNAPSHOT_LEVEL && file.min().after(reached.next())) {
        throw gap(reached, files);
      }
    }
    if (chosen.isEmpty()) {
      throw gap(reached, files);
    }
    return new Plan(chosen);
  }

  /**
   * The plan of the state at exactly this transaction.
   *
   * @throws PlanException {@code NOT_AVAILABLE} if no file ends there or one before it is missing;
   *     the message names the nearest states that can be had
   */
  public static Plan at(Collection<LtxFile> files, Txid txid) throws PlanException {
    if (files.isEmpty()) {
      throw new PlanException(Reason.EMPTY, "there are no LTX files");
    }
    List<LtxFile> chosen = cover(files, f -> !f.max().after(txid), txid);
    if (chosen.isEmpty() || !chosen.getLast().max().equals(txid)) {
      Txid before = chosen.isEmpty() ? null : chosen.getLast().max();
      throw new PlanException(
          Reason.NOT_AVAILABLE,
          "TXID " + txid + " cannot be had any more" + nearest(before, after(files, txid)));
    }
    return new Plan(chosen);
  }

  /**
   * The plan of every change in files strictly older than a time.
   *
   * @param time of a file: the time in its header
   * @param before milliseconds since 1970
   * @throws PlanException {@code NOT_AVAILABLE} if no state is that old
   */
  public static Plan before(Collection<LtxFile> files, ToLongFunction<LtxFile> time, long before)
      throws PlanException {
    if (files.isEmpty()) {
      throw new PlanException(Reason.EMPTY, "there are no LTX files");
    }
    List<LtxFile> chosen = cover(files, f -> time.applyAsLong(f) < before, null);
    if (chosen.isEmpty()) {
      throw new PlanException(Reason.NOT_AVAILABLE, "the replica has no state that old");
    }
    return new Plan(chosen);
  }

  private static List<LtxFile> cover(
      Collection<LtxFile> files, Predicate<LtxFile> allowed, @Nullable Txid until) {
    List<LtxFile> chosen = new ArrayList<>();
    LtxFile base = null;
    List<LtxFile> rest = new ArrayList<>(files.size());
    for (LtxFile file : files) {
      if (!allowed.test(file)) {
        continue;
      }
      if (file.level() != LtxFile.SNAPSHOT_LEVEL) {
        rest.add(file);
      } else if (base == null || !base.max().after(file.max())) {
        base = file;
      }
    }
    Txid reached = Txid.ZERO;
    if (base != null) {
      chosen.add(base);
      reached = base.max();
    }
    // Sorted by where they begin, each file is looked at once: it becomes a candidate when the
    // covering reaches it, and only the best candidate can ever be used.
    rest.sort((a, b) -> a.min().compareTo(b.min()));
    LtxFile best = null;
    int next = 0;
    while (until == null || until.after(reached)) {
      while (next < rest.size() && !rest.get(next).min().after(reached.next())) {
        LtxFile candidate = rest.get(next++);
        if (best == null || better(candidate, best)) {
          best = candidate;
        }
      }
      if (best == null || !best.max().after(reached)) {
        break;
      }
      chosen.add(best);
      reached = best.max();
    }
    return chosen;
  }

  /** Whether {@code a} beats {@code b}: larger max, else smaller min, else higher level. */
  private static boolean better(LtxFile a, LtxFile b) {
    int byMax = a.max().compareTo(b.max());
    if (byMax != 0) {
      return byMax > 0;
    }
    int byMin = a.min().compareTo(b.min());
    if (byMin != 0) {
      return byMin < 0;
    }
    return a.level() > b.level();
  }

  private static PlanException gap(Txid reached, Collection<LtxFile> files) {
    Txid next = null;
    for (LtxFile file : files) {
      if (file.min().after(reached.next()) && (next == null || next.after(file.min()))) {
        next = file.min();
      }
    }
    return new PlanException(
        Reason.GAP,
        reached.equals(Txid.ZERO)
            ? "its first file begins at TXID " + next + "; the snapshot before it is missing"
            : "its files reach TXID " + reached + ", but the next one begins at " + next);
  }

  private static @Nullable Txid after(Collection<LtxFile> files, Txid txid) {
    Txid nearest = null;
    for (LtxFile file : files) {
      if (file.max().after(txid) && (nearest == null || nearest.after(file.max()))) {
        nearest = file.max();
      }
    }
    return nearest;
  }

  private static String nearest(@Nullable Txid before, @Nullable Txid after) {
    StringBuilder text = new StringBuilder();
    if (before != null) {
      text.append("; the nearest before it is ").append(before);
    }
    if (after != null) {
      text.append(before != null ? ", the nearest after it " : "; the nearest after it is ");
      text.append(after);
    }
    return text.toString();
  }
}
