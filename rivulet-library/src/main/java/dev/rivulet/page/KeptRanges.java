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
   * The parts of a scan's ranges, and if they are to be kept, what lies between them and costs less
   * than the request that the next scan would need for it: long ranges are split between pages that
   * are wanted, and in a file of several tables others lie there.
   *
   * @param ranges in ascending order, as they were planned
   * @param live the pages of the database
   */
  List<RangePlanner.Range> partsOfScan(List<RangePlanner.Range> ranges, PageMap live) {
    List<RangePlanner.Range> parts = partsOf(ranges);
    if (disk == null || disk.isOff() || parts.isEmpty()) {
      return parts;
    }
    long pageSize = parts.getFirst().file().header().pageSize();
    return costs.fitsCache(live.pages() * pageSize) ? parts : withoutHoles(parts, disk);
  }

  private List<RangePlanner.Range> withoutHoles(List<RangePlanner.Range> parts, DiskCache beside) {
    List<RangePlanner.Range> whole = new ArrayList<>(parts.size());
    for (int i = 0; i < parts.size(); i++) {
      RangePlanner.Range part = parts.get(i);
      if (i + 1 < parts.size() && isHole(part, parts.get(i + 1), beside)) {
        int end = parts.get(i + 1).first();
        part = new RangePlanner.Range(part.file(), part.first(), end, part.wanted());
      }
      whole.add(part);
    }
    return whole;
  }

  /** Whether what lies between two parts is little, and not kept, and the first one is not. */
  private boolean isHole(RangePlanner.Range part, RangePlanner.Range next, DiskCache beside) {
    if (!part.file().equals(next.file()) || part.end() >= next.first()) {
      return false;
    }
    FrameRef after = new FrameRef(part.file(), part.end());
    FrameRef last = new FrameRef(part.file(), next.first() - 1);
    return last.end() - after.offset() <= costs.gap()
        && beside.keptTo(part.file(), part.first()) == 0
        && beside.keptTo(part.file(), after.rank()) == 0;
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
