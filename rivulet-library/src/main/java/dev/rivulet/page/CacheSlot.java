package dev.rivulet.page;

import org.jspecify.annotations.Nullable;

/** One page's place in the cache. All fields but the address are guarded by the shard's lock. */
final class CacheSlot {
  final long address;

  /** 0 while it holds no page. */
  long fileId;

  int pgno;

  /** Read since the clock hand passed last. */
  boolean referenced;

  /** Read at least once since it was filled. */
  boolean used;

  /** Passed by a scan and not read since: the next to be given away. */
  boolean spent;

  /** On the pool's stack of spent slots, although it may be none any more. */
  boolean stacked;

  /** The one below on that stack. */
  @Nullable CacheSlot below;

  /** Being filled, or its chunk was taken away while it was. */
  boolean busy;

  /** The next one in its hash bucket. */
  @Nullable CacheSlot next;

  CacheSlot(long address) {
    this.address = address;
  }
}
