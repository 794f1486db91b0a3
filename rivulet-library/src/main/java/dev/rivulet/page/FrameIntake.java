package dev.rivulet.page;

import dev.rivulet.ltx.Frames;
import dev.rivulet.ltx.LtxException;

/** Decodes a frame that has arrived into the cache. */
final class FrameIntake {
  private FrameIntake() {}

  /**
   * Puts a page into the cache, unless it is there or there is no room, and learns from it.
   *
   * @param rank of the frame in the file
   * @param bytes where the frame begins at {@code offset}, whole
   * @param worth how much the page is worth keeping
   * @throws LtxException what is wrong with this frame; nothing is known of any other
   */
  static void take(
      IndexedFile file,
      int rank,
      byte[] bytes,
      int offset,
      PageCache cache,
      Worth worth,
      TreeHints hints)
      throws LtxException {
    int pgno = file.index().pgno(rank);
    int pageSize = file.header().pageSize();
    CacheSlot slot = cache.acquire(file.id(), pgno, pageSize, worth);
    if (slot == null) {
      return;
    }
    try {
      Frames.decode(bytes, offset, file.index().size(rank), pgno, pageSize, slot.address);
    } catch (LtxException e) {
      cache.release(slot, file.id(), pgno);
      throw e;
    }
    hints.learn(pgno, slot.address, pageSize);
    cache.publish(slot, file.id(), pgno, worth);
  }
}
