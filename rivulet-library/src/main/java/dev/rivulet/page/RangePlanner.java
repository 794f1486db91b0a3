package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Turns wanted frames into ranged GETs: neighbours become one range, long ranges are split so that
 * several requests carry them at once. Pure.
 *
 * <p>Example, with gaps of up to 100 bytes and pieces of 1000: frames at 0-400, 450-900, 950-1500
 * and 9000-9400 become the ranges 0-900, 950-1500 and 9000-9400.
 */
final class RangePlanner {
  /**
   * Ranks of one file.
   *
   * @param file the file
   * @param first the first rank
   * @param end after the last rank
   * @param wanted those for whose sake it is fetched, ascending; the others lie between them
   */
  record Range(IndexedFile file, int first, int end, List<Integer> wanted) {
    long bytes() {
      FrameIndex index = file.index();
      return index.offset(end - 1) + index.size(end - 1) - index.offset(first);
    }
  }

  private RangePlanner() {}

  /** Plain, for the comparators that Comparator makes are not kept by an AOT cache. */
  private static int byPlace(FrameRef a, FrameRef b) {
    int byFile = Long.compare(a.file().id(), b.file().id());
    return byFile != 0 ? byFile : Integer.compare(a.rank(), b.rank());
  }

  /**
   * The ranges to fetch.
   *
   * @param wanted in any order, no duplicates
   * @param gap the most bytes that are worth reading in vain to save a request
   * @param piece about the largest range, in bytes
   */
  static List<Range> plan(Collection<FrameRef> wanted, long gap, long piece) {
    List<FrameRef> sorted = new ArrayList<>(wanted);
    sorted.sort(RangePlanner::byPlace);
    List<Range> ranges = new ArrayList<>();
    int i = 0;
    while (i < sorted.size()) {
      FrameRef first = sorted.get(i);
      FrameRef last = first;
      List<Integer> ranks = new ArrayList<>();
      ranks.add(first.rank());
      int j = i + 1;
      while (j < sorted.size()) {
        FrameRef next = sorted.get(j);
        if (!next.file().equals(first.file())
            || next.offset() - last.end() > gap
            || next.end() - first.offset() > piece) {
          break;
        }
        last = next;
        ranks.add(next.rank());
        j++;
      }
      ranges.add(new Range(first.file(), first.rank(), last.rank() + 1, ranks));
      i = j;
    }
    return ranges;
  }
}
