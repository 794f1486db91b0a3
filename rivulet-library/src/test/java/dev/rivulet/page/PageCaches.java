package dev.rivulet.page;

import dev.rivulet.natives.NativeMemory;
import java.lang.reflect.Field;
import java.util.List;

/** What tests do to page caches. */
public final class PageCaches {
  /** Passes over all slots: the first ones clear the marks of use. */
  private static final int PASSES = 4;

  private PageCaches() {}

  /** Evicts everything, by pages that nobody asks for. */
  public static void flood(PageCache cache, int pageSize) {
    long pages = cache.budget() / pageSize * PASSES;
    long id = cache.newFileId();
    for (int pgno = 1; pgno <= pages; pgno++) {
      CacheSlot slot = cache.acquire(id, pgno, pageSize, Worth.NEAR);
      if (slot != null) {
        cache.publish(slot, id, pgno, Worth.NEAR);
      }
    }
  }

  /** Frees the memory of a cache that nobody will use again; the process's own lives as long. */
  public static void free(PageCache cache) {
    for (Object shard : (Object[]) field(cache, "shards")) {
      for (Object pool : (Object[]) field(shard, "pools")) {
        if (pool != null) {
          for (Object chunk : (List<?>) field(pool, "chunks")) {
            NativeMemory.free(((CacheSlot[]) chunk)[0].address);
          }
        }
      }
    }
  }

  private static Object field(Object of, String name) {
    try {
      Field field = of.getClass().getDeclaredField(name);
      field.setAccessible(true);
      return field.get(of);
    } catch (ReflectiveOperationException e) {
      throw new LinkageError(e.getMessage(), e);
    }
  }
}
