package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which headers must be read to know the plan of every change in files strictly older than a time.
 *
 * <p>The times in headers rise with the last TXID of the files, so where they cross the time is
 * found by a search of {@value #PROBES} probes a round: three rounds for 3200 files. Upload times
 * tell where to probe first, for a header's time is a moment before it: then one round is enough.
 * Where two known times next to each other fall (the primary's clock was set back, or two primaries
 * disagree), every header between them is asked for.
 *
 * <p>What the search infers is never believed: the plan is settled ({@link #settled}) only when the
 * header of every file that {@link Planner#before} looked at is known. So the plan is the one that
 * reading all headers would give, whatever the clock did; a wrong inference costs requests only.
 *
 * <p>Pure: it makes no request. Not thread-safe.
 */
final class TimeSearch {
  /** A 16th is left by each round, and three rounds of header reads are at most 45. */
  private static final int PROBES = 15;

  /**
   * Where to look around the place that the upload times tell, in files. A file is uploaded some
   * time after the time in its header, so the true place is there or later: a second later at 20
   * files a second is 20 files. The first two guard against clocks that differ a little.
   */
  private static final int[] AROUND = {-2, -1, 0, 1, 2, 4, 8, 16, 32};

  /** Files that seem too new are read along with the first probes, if they are about so few. */
  private static final int REFUSED_AT_FIRST = 16;

  private final Collection<LtxFile> files;
  private final long before;

  /** One file for each last TXID, in their order, without snapshots: where a probe can be made. */
  private final List<LtxFile> ends;

  /** The least upload time of the files of each last TXID. */
  private final Map<Txid, Long> uploads = new HashMap<>();

  private final Map<LtxFile, Long> known = new HashMap<>();

  /** Known times by last TXID, without snapshots. */
  private final NavigableMap<Txid, Long> times = new TreeMap<>();

  /** What the planner makes of what is known and inferred. */
  private @Nullable Plan plan;

  /** Files that it looked at and whose headers are not known: inferred to be older, or not. */
  private final List<LtxFile> accepted = new ArrayList<>();

  private final List<LtxFile> refused = new ArrayList<>();

  /**
   * Begins.
   *
   * @param before milliseconds since 1970
   */
  TimeSearch(Collection<LtxFile> files, long before) throws PlanException {
    this.files = files;
    this.before = before;
    TreeMap<Txid, LtxFile> byEnd = new TreeMap<>();
    for (LtxFile file : files) {
      if (file.level() != LtxFile.SNAPSHOT_LEVEL) {
        // The planner takes the file that begins first; the others are perhaps never looked at.
        byEnd.merge(file.max(), file, (a, b) -> b.min().after(a.min()) ? a : b);
        uploads.merge(file.max(), file.modifiedMillis(), Math::min);
      }
    }
    this.ends = List.copyOf(byEnd.values());
    attempt();
  }

  /** Takes the times of headers that were read. */
  void learn(Map<LtxFile, Long> read) throws PlanException {
    known.putAll(read);
    read.forEach((file, time) -> {
      if (file.level() != LtxFile.SNAPSHOT_LEVEL) {
        times.put(file.max(), time);
      }
    });
    attempt();
  }

  private void attempt() throws PlanException {
    accepted.clear();
    refused.clear();
    try {
      plan = Planner.before(files, this::time, before);
    } catch (PlanException e) {
      if (e.reason() != PlanException.Reason.NOT_AVAILABLE) {
        throw e;
      }
      plan = null;
    }
  }

  private long time(LtxFile file) {
    Long time = known.get(file);
    if (time != null) {
      return time;
    }
    boolean older = infer(file);
    (older ? accepted : refused).add(file);
    return older ? before - 1 : before;
  }

  private boolean infer(LtxFile file) {
    Neighbours at = neighbours(file);
    if (at.later() != null && at.later().getValue() < before) {
      return true;
    }
    if (at.earlier() != null && at.earlier().getValue() >= before) {
      return false;
    }
    return file.modifiedMillis() < before;
  }

  /** The nearest files whose times are known; either may be the same TXID, or missing. */
  private record Neighbours(
      Map.@Nullable Entry<Txid, Long> earlier, Map.@Nullable Entry<Txid, Long> later) {
    boolean fall() {
      return earlier != null && later != null && earlier.getValue() > later.getValue();
    }

    /** Whether the crossing lies between them. */
    boolean enclose(long before) {
      return (earlier == null || earlier.getValue() < before)
          && (later == null || later.getValue() >= before);
    }
  }

  private Neighbours neighbours(LtxFile file) {
    return new Neighbours(times.floorEntry(file.max()), times.ceilingEntry(file.max()));
  }

  /** The plan as far as is known; null if nothing is that old. */
  @Nullable Plan plan() {
    return plan;
  }

  /** Whether every file that the planner looked at is known, so that the plan is the right one. */
  boolean settled() {
    return accepted.isEmpty() && refused.isEmpty();
  }

  /** Headers to read before the plan is worth loading; empty when it is likely to be right. */
  Set<LtxFile> probes() {
    Set<LtxFile> wanted = new LinkedHashSet<>();
    boolean first = times.isEmpty();
    Set<Txid> narrowed = new HashSet<>();
    for (List<LtxFile> looked : List.of(accepted, refused)) {
      for (LtxFile file : looked) {
        Neighbours at = neighbours(file);
        if (at.fall()) {
          wanted.add(file);
          wanted.addAll(between(at));
        } else if (at.enclose(before)) {
          List<LtxFile> range = between(at);
          if (range.isEmpty()) {
            wanted.add(file); // a snapshot that ends between two files next to each other
          } else if (narrowed.add(range.getFirst().max())) {
            wanted.addAll(narrow(range));
          }
        }
      }
    }
    if (first && !wanted.isEmpty() && refused.size() <= REFUSED_AT_FIRST) {
      wanted.addAll(refused);
    }
    return wanted;
  }

  /** Where a probe can be made between two known times. */
  private List<LtxFile> between(Neighbours at) {
    int from = at.earlier() == null ? 0 : indexAfter(at.earlier().getKey());
    int to = at.later() == null ? ends.size() : Math.max(from, indexOf(at.later().getKey()));
    return ends.subList(from, to);
  }

  private int indexOf(Txid max) {
    int low = 0;
    int high = ends.size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (max.after(ends.get(middle).max())) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  private int indexAfter(Txid max) {
    int index = indexOf(max);
    return index < ends.size() && ends.get(index).max().equals(max) ? index + 1 : index;
  }

  private Collection<LtxFile> narrow(List<LtxFile> range) {
    if (range.size() <= PROBES) {
      return range;
    }
    if (times.isEmpty()) {
      int older = 0;
      for (LtxFile file : range) {
        older += uploaded(file) < before ? 1 : 0;
      }
      // If nothing was uploaded before the time, the replica was copied later: that tells nothing.
      if (older > 0) {
        return around(range, older);
      }
    }
    List<LtxFile> evenly = new ArrayList<>();
    for (int i = 1; i <= PROBES; i++) {
      evenly.add(range.get((int) ((long) range.size() * i / (PROBES + 1))));
    }
    return evenly;
  }

  private static List<LtxFile> around(List<LtxFile> range, int place) {
    List<LtxFile> chosen = new ArrayList<>();
    for (int offset : AROUND) {
      int index = place + offset;
      if (index >= 0 && index < range.size()) {
        chosen.add(range.get(index));
      }
    }
    return chosen;
  }

  private long uploaded(LtxFile file) {
    return uploads.getOrDefault(file.max(), file.modifiedMillis());
  }

  /**
   * Headers to read before the plan is settled, besides those of its own files: of every file that
   * was inferred to be too new, and of two that would show that the plan ends early. Those are the
   * first file that does not adjoin its end, and the last one that was uploaded before the time.
   */
  Set<LtxFile> checks() {
    Set<LtxFile> wanted = new LinkedHashSet<>(refused);
    Plan reached = plan;
    if (reached != null) {
      Planner.beyond(files, reached).ifPresent(wanted::add);
      for (LtxFile file : ends.reversed()) {
        if (!file.max().after(reached.txid())) {
          break;
        }
        if (uploaded(file) < before) {
          wanted.add(file);
          break;
        }
      }
    }
    wanted.removeAll(known.keySet());
    return wanted;
  }

  /**
   * The last TXID of a file that is older than the time, but lies beyond the plan's end: retention
   * has merged what is between into a file that is not older, or the primary's clock was set back.
   */
  Optional<Txid> leftOut() {
    Plan reached = plan;
    if (reached == null) {
      return Optional.empty();
    }
    for (Map.Entry<Txid, Long> time : times.tailMap(reached.txid(), false).entrySet()) {
      if (time.getValue() < before) {
        return Optional.of(time.getKey());
      }
    }
    return Optional.empty();
  }

  /**
   * Whether something not older is known to come after the plan's end: then no transaction to come
   * can belong to this moment.
   */
  boolean isPast() {
    Plan reached = plan;
    return reached != null
        && times.tailMap(reached.txid(), false).values().stream().anyMatch(time -> time >= before);
  }
}
