package dev.rivulet.page;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What of one database the {@link DiskCache} keeps, if there is one. Thread-safe. */
final class KeptRanges {
  private final @Nullable DiskCache disk;
  private final FetchCosts costs;

  KeptRanges(@Nullable DiskCache disk, FetchCosts costs) {
    this.disk = disk;
    this.costs = costs;
  }

  /** Whether a frame is there. */
  boolean has(FrameRef frame) {
    return disk != null && disk.keptTo(frame.file(), frame.rank()) > 0;
  }

  /** Bytes that may be kept; 0 if nothing is. */
  long room() {
    return disk == null ? 0 : disk.room();
  }

  /** Has a fetch kept that is about to be made, if there is room. */
  void keep(RangeFetch fetch) {
    if (disk == null) {
      return;
    }
    boolean fits = costs.fitsCache(fetch.databaseBytes());
    try {
      fetch.setCopy(disk.keep(fetch.file(), fetch.first(), fetch.end(), fetch.bytes(), fits));
    } catch (OutOfMemoryError e) {
      fetch.setCopy(null); // it is worth having without that
    }
  }

  /** Has a fetch come from the disk, which then is not freed before it has; false if it cannot. */
  boolean claim(RangeFetch fetch) {
    KeptRange range = disk == null ? null : disk.use(fetch.file(), fetch.first());
    if (range == null) {
      return false;
    }
    if (range.end() < fetch.end()) {
      range.release();
      return false;
    }
    fetch.setSource(range);
    return true;
  }

  /** Reads on a thread for that. */
  void execute(Runnable read) {
    if (disk != null) {
      disk.executor().execute(read);
    }
  }

  /** What to fetch for a frame: the range, or if the frame is kept, only that. */
  RangePlanner.Range around(FrameRef frame, RangePlanner.Range range) {
    return has(frame)
        ? new RangePlanner.Range(
            frame.file(), frame.rank(), frame.rank() + 1, List.of(frame.rank()))
        : range;
  }

  /**
   * The parts of ranges: each lies in one range that is kept, or comes from the store. What is kept
   * is asked for again where it would cost more to ask for what lies on both of its sides.
   */
  List<RangePlanner.Range> partsOf(List<RangePlanner.Range> ranges) {
    if (disk == null || disk.isEmpty()) {
      return ranges;
    }
    List<RangePlanner.Range> parts = new ArrayList<>();
    for (RangePlanner.Range range : ranges) {
      addParts(range, disk, parts);
    }
    return parts;
  }

  /**
   * The parts of a scan's ranges, and if they are to be kept, what lies before each of them and
   * costs less than the request that the next scan would need for it: long ranges are split between
   * pages that are wanted, and in a file of several tables others lie there.
   *
   * @param ranges in ascending order, as they were planned
   * @param live the pages of the database
   * @param after what the scan was fetched up to before; null if these are its first
   */
  List<RangePlanner.Range> partsOfScan(
      List<RangePlanner.Range> ranges, PageMap live, @Nullable FrameRef after) {
    List<RangePlanner.Range> parts = partsOf(ranges);
    if (disk == null || disk.isOff() || parts.isEmpty()) {
      return parts;
    }
    long pageSize = parts.getFirst().file().header().pageSize();
    return costs.fitsCache(live.pages() * pageSize) ? parts : withoutHoles(parts, disk, after);
  }

  private List<RangePlanner.Range> withoutHoles(
      List<RangePlanner.Range> parts, DiskCache beside, @Nullable FrameRef after) {
    List<RangePlanner.Range> whole = new ArrayList<>(parts.size());
    FrameRef last = after;
    for (RangePlanner.Range part : parts) {
      if (last != null && isHole(last, part, beside)) {
        whole.add(new RangePlanner.Range(part.file(), last.rank() + 1, part.end(), part.wanted()));
      } else {
        whole.add(part);
      }
      last = new FrameRef(part.file(), part.end() - 1);
    }
    return whole;
  }

  /**
   * Whether what lies between a frame and a part is little, and neither it nor the part is kept.
   */
  private boolean isHole(FrameRef last, RangePlanner.Range part, DiskCache beside) {
    IndexedFile file = part.file();
    int first = last.rank() + 1;
    return file.equals(last.file())
        && first < part.first()
        && file.index().offset(part.first()) - last.end() <= costs.scanGap()
        && beside.keptTo(file, first) == 0
        && beside.keptTo(file, part.first()) == 0;
  }

  private void addParts(RangePlanner.Range range, DiskCache from, List<RangePlanner.Range> parts) {
    List<Integer> wanted = range.wanted();
    int missing = 0; // these, up to where we are, come from the store
    int i = 0;
    while (i < wanted.size()) {
      int keptTo = from.keptTo(range.file(), wanted.get(i));
      int next = i + 1;
      while (next < wanted.size() && wanted.get(next) < keptTo) {
        next++;
      }
      if (keptTo > 0) {
        RangePlanner.Range kept = part(range, i, next);
        boolean between = missing < i && next < wanted.size();
        if (!between || kept.bytes() >= costs.gap()) {
          if (missing < i) {
            parts.add(part(range, missing, i));
          }
          parts.add(kept);
          missing = next;
        }
      }
      i = next;
    }
    if (missing < i) {
      parts.add(part(range, missing, i));
    }
  }

  /** What some of the wanted frames of a range lie in. */
  private static RangePlanner.Range part(RangePlanner.Range range, int from, int to) {
    List<Integer> wanted = range.wanted().subList(from, to);
    return new RangePlanner.Range(range.file(), wanted.getFirst(), wanted.getLast() + 1, wanted);
  }
}
