package dev.rivulet.page;

/** Disk caches for tests, in memory. */
public final class DiskCaches {
  private DiskCaches() {}

  /** One that keeps everything from the first byte on, reads at once, and must never fail. */
  public static DiskCache of(long bytes) {
    return of(new ScratchBytes(Long.MAX_VALUE), bytes);
  }

  static DiskCache of(ScratchFile file, long bytes) {
    return new DiskCache(
        () -> file,
        bytes,
        0,
        Runnable::run,
        why -> {
          throw new AssertionError(why);
        });
  }
}
