package dev.rivulet.page;

import java.util.concurrent.atomic.LongAdder;

/** Counters of one database's reads. Monotonic; reads of several of them are not one moment. */
public final class FetchStats {
  final LongAdder cacheHits = new LongAdder();
  final LongAdder cacheMisses = new LongAdder();
  final LongAdder bytesFetched = new LongAdder();
  final LongAdder bytesFromDisk = new LongAdder();
  final LongAdder bytesUsed = new LongAdder();
  final LongAdder waits = new LongAdder();

  /** Pages that SQLite asked for and the cache had. */
  public long cacheHits() {
    return cacheHits.sum();
  }

  /** Pages that SQLite asked for and the cache did not have. */
  public long cacheMisses() {
    return cacheMisses.sum();
  }

  /** Bytes of frames that were fetched. */
  public long bytesFetched() {
    return bytesFetched.sum();
  }

  /** Bytes of frames that were fetched once before, and now read from the disk cache. */
  public long bytesFromDisk() {
    return bytesFromDisk.sum();
  }

  /** Bytes of fetched frames that SQLite has not asked for. */
  public long bytesNeverUsed() {
    return Math.max(0, bytesFetched.sum() + bytesFromDisk.sum() - bytesUsed.sum());
  }

  /** How often a read had to wait for the store. */
  public long waits() {
    return waits.sum();
  }
}
