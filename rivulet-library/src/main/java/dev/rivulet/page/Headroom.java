package dev.rivulet.page;

import java.util.List;

/**
 * Room that a view's map must leave in the VM's heap. A heap that is full to the last byte cannot
 * be worked in: each allocation is a collection, and what fails for want of memory has none to tell
 * who waits for it. So the open fails instead, and lets go of what it took.
 */
final class Headroom {
  /**
   * What a scan takes: 2 MiB for what is being read (eight chunks of a local file), 4 for what is
   * known of 100,000 pages of its trees and asked for, 2 so that not each read is a collection.
   * With half of it a count of a million rows took 16 s for 7.
   */
  private static final long BYTES = 8L << 20;

  /** Of a heap of which a map takes less than this part, something else fills the rest. */
  private static final int PART = 8;

  private Headroom() {}

  /**
   * Looks whether there is enough.
   *
   * @param files whose indexes are the map
   * @throws OutOfMemoryError if there is not
   */
  static void requireBeside(List<IndexedFile> files) {
    long mapBytes = 0;
    for (IndexedFile file : files) {
      mapBytes += file.index().memoryBytes();
    }
    Runtime vm = Runtime.getRuntime();
    if (mapBytes < vm.maxMemory() / PART || free(vm) >= BYTES) {
      return;
    }
    System.gc(); // only then is it known
    if (free(vm) < BYTES) {
      throw new OutOfMemoryError("the map of the database's pages takes " + mapBytes + " bytes");
    }
  }

  private static long free(Runtime vm) {
    return vm.maxMemory() - vm.totalMemory() + vm.freeMemory();
  }
}
