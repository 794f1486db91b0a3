package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.PlanException.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.TreeSet;
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
  /** Largest max, then smallest min, then highest level. */
  private static int bestFirst(LtxFile a, LtxFile b) {
    int byMax = b.max().compareTo(a.max());
    int byMin = byMax != 0 ? byMax : a.min().compareTo(b.min());
    return byMin != 0 ? byMin : Integer.compare(b.level(), a.level());
  }

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
      String before =
          chosen.isEmpty() ? "" : "; the nearest before it is " + chosen.getLast().max();
      throw new PlanException(
          Reason.NOT_AVAILABLE,
          "the state at TXID "
              + txid
              + " cannot be had (any more)"
              + before
              + nearestAfter(files, txid, "; the nearest after it is "));
    }
    return new Plan(chosen);
  }

  /**
   * The plan of every change in files strictly older than a time, as far as it can be had without a
   * gap: where retention has removed the detail, it stops earlier ({@link #beyond} tells).
   *
   * @param time of a file: the time in its header. It is asked for few files only, about as many as
   *     the plan has, because it may cost a request
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

  /** The first file after a plan's end that does not adjoin it, if there is one. */
  public static Optional<LtxFile> beyond(Collection<LtxFile> files, Plan plan) {
    return Optional.ofNullable(firstBeyond(files, plan.txid()));
  }

  /**
   * Covers from the first transaction as far as the allowed files reach.
   *
   * @param allowed asked only of files that would be used, for it may be costly
   */
  private static List<LtxFile> cover(
      Collection<LtxFile> files, Predicate<LtxFile> allowed, @Nullable Txid until) {
    List<LtxFile> chosen = new ArrayList<>();
    Txid reached = Txid.ZERO;
    LtxFile base = newestSnapshot(files, allowed);
    if (base != null) {
      chosen.add(base);
      reached = base.max();
    }
    List<LtxFile> rest = new ArrayList<>(files.size());
    for (LtxFile file : files) {
      if (file.level() != LtxFile.SNAPSHOT_LEVEL && file.max().after(reached)) {
        rest.add(file);
      }
    }
    // Sorted by where they begin, each file is looked at once: it becomes a candidate when the
    // covering reaches it.
    rest.sort((a, b) -> a.min().compareTo(b.min()));
    PriorityQueue<LtxFile> candidates = new PriorityQueue<>(Planner::bestFirst);
    int next = 0;
    while (until == null || until.after(reached)) {
      while (next < rest.size() && !rest.get(next).min().after(reached.next())) {
        candidates.add(rest.get(next++));
      }
      LtxFile best = candidates.poll();
      if (best == null || !best.max().after(reached)) {
        break;
      }
      if (allowed.test(best)) {
        chosen.add(best);
        reached = best.max();
      }
    }
    return chosen;
  }

  private static @Nullable LtxFile newestSnapshot(
      Collection<LtxFile> files, Predicate<LtxFile> allowed) {
    List<LtxFile> snapshots = new ArrayList<>();
    for (LtxFile file : files) {
      if (file.level() == LtxFile.SNAPSHOT_LEVEL) {
        snapshots.add(file);
      }
    }
    snapshots.sort((a, b) -> b.max().compareTo(a.max()));
    for (LtxFile snapshot : snapshots) {
      if (allowed.test(snapshot)) {
        return snapshot;
      }
    }
    return null;
  }

  private static PlanException gap(Txid reached, Collection<LtxFile> files) {
    LtxFile beyond = firstBeyond(files, reached);
    String next = beyond == null ? "?" : beyond.min().toString();
    return new PlanException(
        Reason.GAP,
        reached.equals(Txid.ZERO)
            ? "its first file begins at TXID " + next + "; the snapshot before it is missing"
            : "its files reach TXID " + reached + ", but the next one begins at " + next);
  }

  /** The first file that begins after what was reached, with a gap. */
  private static @Nullable LtxFile firstBeyond(Collection<LtxFile> files, Txid reached) {
    LtxFile first = null;
    for (LtxFile file : files) {
      if (file.level() != LtxFile.SNAPSHOT_LEVEL
          && file.min().after(reached.next())
          && (first == null || first.min().after(file.min()))) {
        first = file;
      }
    }
    return first;
  }

  /** The first state after a transaction that can be had, with words before it; or nothing. */
  private static String nearestAfter(Collection<LtxFile> files, Txid txid, String words) {
    TreeSet<Txid> ends = new TreeSet<>();
    for (LtxFile file : files) {
      if (file.max().after(txid)) {
        ends.add(file.max());
      }
    }
    for (Txid end : ends) {
      List<LtxFile> chosen = cover(files, f -> !f.max().after(end), end);
      if (!chosen.isEmpty() && chosen.getLast().max().equals(end)) {
        return words + end;
      }
    }
    return "";
  }
}
