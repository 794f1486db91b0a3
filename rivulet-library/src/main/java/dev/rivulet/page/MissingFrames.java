package dev.rivulet.page;

import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Collects the frames of pages that a reader will want, leaving out those that need no request. */
final class MissingFrames {
  private final Fetcher fetcher;
  private final View view;
  private final boolean leaveOnDisk;
  private final Set<FrameRef> frames = new LinkedHashSet<>();

  /** Those that are to be read soon, and so are not yet where that takes no time. */
  MissingFrames(Fetcher fetcher, View view) {
    this(fetcher, view, false);
  }

  private MissingFrames(Fetcher fetcher, View view, boolean leaveOnDisk) {
    this.fetcher = fetcher;
    this.view = view;
    this.leaveOnDisk = leaveOnDisk;
  }

  /** Those that would need a request: what is kept on disk, or soon will be, is left there. */
  static MissingFrames inStore(Fetcher fetcher, View view) {
    return new MissingFrames(fetcher, view, true);
  }

  /** Adds a page's frame; returns it if it was missing, and null if it need not be fetched. */
  @Nullable FrameRef add(int pgno) {
    IndexedFile file = pgno > view.commit() ? null : view.map().find(pgno);
    if (file == null) {
      return null;
    }
    FrameRef frame = new FrameRef(file, file.index().rank(pgno));
    if (fetcher.willHave(frame) || (leaveOnDisk && fetcher.isOrWillBeKept(frame))) {
      return null;
    }
    frames.add(frame);
    return frame;
  }

  /** The children of a slot's interior page. */
  void addChildren(TreeHints hints, int slot) {
    for (int i = 0; i < hints.count(slot); i++) {
      add(hints.child(slot, i));
    }
  }

  /** In the order in which they were added. */
  Set<FrameRef> frames() {
    return frames;
  }
}
