package dev.rivulet.page;

import java.util.List;

/** What lies around a frame in its file: frames lie in page order, and so, mostly, do trees. */
final class Neighbours {
  private Neighbours() {}

  /**
   * The range of about {@code bytes} bytes around a frame, mostly after it, cut where its
   * neighbours are there already, under way, or kept on disk.
   */
  static RangePlanner.Range of(FrameRef frame, long bytes, Fetcher fetcher) {
    IndexedFile file = frame.file();
    int first = frame.rank();
    int end = first + 1;
    // A quarter before, the rest after: B-trees are mostly built and read in ascending order.
    long begin = frame.offset() - bytes / 4;
    while (first > 0
        && file.index().offset(first - 1) >= begin
        && isMissing(new FrameRef(file, first - 1), fetcher)) {
      first--;
    }
    long limit = frame.offset() + bytes - bytes / 4;
    while (end < file.index().count()
        && file.index().offset(end) + file.index().size(end) <= limit
        && isMissing(new FrameRef(file, end), fetcher)) {
      end++;
    }
    return new RangePlanner.Range(file, first, end, List.of(frame.rank()));
  }

  private static boolean isMissing(FrameRef frame, Fetcher fetcher) {
    return !fetcher.has(frame) && !fetcher.kept().has(frame);
  }
}
