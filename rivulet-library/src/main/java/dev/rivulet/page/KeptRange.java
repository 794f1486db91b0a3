package dev.rivulet.page;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.store.ByteSink;
import java.io.IOException;

/**
 * Neighbouring frames of an LTX file in the {@link DiskCache}: first written there by the one fetch
 * that brings them, then read by any number of others. While somebody does either, its place is not
 * given to another.
 */
final class KeptRange {
  private final DiskCache cache;
  private final ScratchFile file;
  private final long fileId;

  /** Where it lies in the LTX file, in the scratch file, and how long it is. */
  private final long offset;

  private final long at;
  private final long bytes;

  /** The ranks that are found here: fewer than were written if others are there. */
  private int first;

  private int end;

  /** How many read it, or one that writes it. Guarded by the cache. */
  private int users = 1;

  /** Only touched by the writer. */
  private long written;

  private long writeNanos;
  private boolean failed;

  KeptRange(DiskCache cache, ScratchFile file, IndexedFile of, int first, int end, long at) {
    this.cache = cache;
    this.file = file;
    this.fileId = of.id();
    FrameIndex index = of.index();
    this.first = first;
    this.end = end;
    this.offset = index.offset(first);
    this.bytes = index.offset(end - 1) + index.size(end - 1) - offset;
    this.at = at;
  }

  long fileId() {
    return fileId;
  }

  int first() {
    return first;
  }

  int end() {
    return end;
  }

  long at() {
    return at;
  }

  long bytes() {
    return bytes;
  }

  /** How long the disk took for it. */
  long writeNanos() {
    return writeNanos;
  }

  /** Whether all of it was written. */
  boolean isWhole() {
    return !failed && written == bytes;
  }

  /** Leaves out what is found elsewhere. */
  void trim(int from, int to) {
    first = from;
    end = to;
  }

  boolean isInUse() {
    return users > 0;
  }

  void use() {
    users++;
  }

  void unuse() {
    users--;
  }

  /** Writes what comes next; if the disk fails, it is not kept, and nobody else is told. */
  void write(byte[] from, int start, int length) {
    if (failed || cache.isOff() || length > bytes - written) {
      failed = true;
      return;
    }
    long begun = System.nanoTime();
    try {
      file.write(from, start, length, at + written);
      written += length;
    } catch (IOException e) {
      failed = true;
      cache.fails(e);
    }
    writeNanos += System.nanoTime() - begun;
  }

  /** Every byte has been written that will be. */
  void written() {
    cache.written(this);
  }

  /**
   * Reads a part of it.
   *
   * @param from where it begins in the LTX file
   * @throws IOException if the disk fails; the sink was given what came before
   */
  void read(long from, long length, ByteSink sink) throws IOException {
    try {
      file.read(at + from - offset, length, sink);
    } catch (IOException e) {
      cache.fails(e);
      throw e;
    }
  }

  /** Whoever read it is done. */
  void release() {
    cache.release(this);
  }

  /** What it holds is not what was written: nobody finds it any more. */
  void forget() {
    cache.forget(this);
  }
}
