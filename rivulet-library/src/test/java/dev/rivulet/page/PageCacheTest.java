package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.natives.NativeMemory;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class PageCacheTest {
  private static final int MIB = 1 << 20;

  private static boolean put(PageCache cache, long file, int pgno, int pageSize) {
    return put(cache, file, pgno, pageSize, Worth.NEAR);
  }

  private static boolean put(PageCache cache, long file, int pgno, int pageSize, Worth worth) {
    CacheSlot slot = cache.acquire(file, pgno, pageSize, worth);
    if (slot == null) {
      return false;
    }
    fill(slot.address, file, pgno, pageSize);
    cache.publish(slot, file, pgno, worth);
    return true;
  }

  /** Every byte tells whose it is. */
  private static void fill(long address, long file, int pgno, int pageSize) {
    byte[] bytes = new byte[pageSize];
    for (int i = 0; i < pageSize; i++) {
      bytes[i] = (byte) (file * 31 + pgno * 7L + i);
    }
    NativeMemory.write(bytes, 0, pageSize, address);
  }

  private static int stored(PageCache cache, long file, int pages) {
    int count = 0;
    for (int pgno = 1; pgno <= pages; pgno++) {
      count += cache.contains(file, pgno) ? 1 : 0;
    }
    return count;
  }

  @Test
  void itNeverHoldsMoreThanItsBudgetAndUsesNearlyAllOfIt() {
    for (int pageSize = 512; pageSize <= 65536; pageSize *= 2) {
      PageCache cache = new PageCache(4 * MIB);
      int room = 4 * MIB / pageSize;
      for (int pgno = 1; pgno <= 4 * room; pgno++) {
        assertThat(put(cache, 1, pgno, pageSize)).isTrue();
      }
      assertThat(stored(cache, 1, 4 * room)).isBetween(room * 3 / 4, room);
    }
  }

  @Test
  void whatLiesInAScansGapsDisplacesNothing() {
    PageCache cache = new PageCache(MIB);
    for (int pgno = 1; pgno <= 1024; pgno++) {
      put(cache, 1, pgno, 4096, Worth.PASSING);
    }
    int kept = stored(cache, 1, 1024);
    assertThat(kept).isGreaterThan(150);
    for (int pgno = 1; pgno <= 100; pgno++) {
      assertThat(cache.contains(1, pgno)).as("the first pages stay").isTrue();
    }
  }

  @Test
  void whatAScanHasPassedGoesFirstAndTheRestStays() {
    PageCache cache = new PageCache(MIB);
    for (int pgno = 1; pgno <= 100; pgno++) {
      put(cache, 1, pgno, 4096, Worth.PASSING);
    }
    long buffer = NativeMemory.allocate(4096);
    try {
      // A scan of a file of 4,000 pages, through a cache of 256.
      for (int pgno = 1; pgno <= 4000; pgno++) {
        assertThat(put(cache, 2, pgno, 4096, Worth.WANTED)).isTrue();
        assertThat(cache.read(2, pgno, 0, 4096, buffer)).isEqualTo(PageCache.FIRST_HIT);
        cache.spend(2, pgno, 4096);
      }
    } finally {
      NativeMemory.free(buffer);
    }
    assertThat(stored(cache, 1, 100)).isEqualTo(100);
    assertThat(stored(cache, 2, 50))
        .as("and the scan, repeated, finds its first pages")
        .isEqualTo(50);
  }

  @Test
  void whatIsWantedOutlivesItsNeighbours() {
    PageCache cache = new PageCache(MIB);
    for (int pgno = 1; pgno <= 50; pgno++) {
      put(cache, 1, pgno, 4096, Worth.WANTED);
      put(cache, 2, pgno, 4096, Worth.NEAR);
      cache.expect(2, 7);
    }
    for (int pgno = 1; pgno <= 200; pgno++) {
      put(cache, 3, pgno, 4096, Worth.NEAR);
    }
    assertThat(stored(cache, 1, 50)).isGreaterThan(stored(cache, 2, 50));
    assertThat(cache.contains(2, 7)).as("expected by a reader").isTrue();
  }

  @Test
  void aLargerBudgetIsUsedAtOnceAndASmallerOneIsIgnored() {
    PageCache cache = new PageCache(MIB);
    cache.raiseBudget(4 * MIB);
    cache.raiseBudget(2 * MIB);
    assertThat(cache.budget()).isEqualTo(4 * MIB);
    for (int pgno = 1; pgno <= 800; pgno++) {
      put(cache, 1, pgno, 4096);
    }
    assertThat(stored(cache, 1, 800)).isGreaterThan(700);
  }

  /** Page numbers of one shard, so that the order of eviction is known. */
  private static int[] ofOneShard(int count) {
    int[] pgnos = new int[count];
    int found = 0;
    for (int pgno = 1; found < count; pgno++) {
      if (PageCache.hash(1, pgno) >>> 61 == 0) {
        pgnos[found++] = pgno;
      }
    }
    return pgnos;
  }

  @Test
  void whatWasNeverReadIsEvictedFirst() {
    PageCache cache = new PageCache(MIB); // 32 pages of 4 KiB in each of 8 shards
    int[] pgnos = ofOneShard(48);
    long buffer = NativeMemory.allocate(4096);
    for (int i = 0; i < 32; i++) {
      put(cache, 1, pgnos[i], 4096);
      if (i % 2 == 0) {
        assertThat(cache.read(1, pgnos[i], 0, 4096, buffer)).isEqualTo(PageCache.FIRST_HIT);
      }
    }
    for (int i = 32; i < 48; i++) {
      put(cache, 1, pgnos[i], 4096);
    }
    for (int i = 0; i < 48; i++) {
      assertThat(cache.contains(1, pgnos[i])).as("page %d", i).isEqualTo(i % 2 == 0 || i >= 32);
    }
    NativeMemory.free(buffer);
  }

  @Test
  void theFirstReadOfAPageIsToldFromTheOthers() {
    PageCache cache = new PageCache(MIB);
    long buffer = NativeMemory.allocate(512);
    assertThat(cache.read(1, 1, 0, 512, buffer)).isEqualTo(PageCache.ABSENT);
    put(cache, 1, 1, 512);
    assertThat(cache.contains(1, 1)).isTrue();
    assertThat(cache.read(1, 1, 0, 16, buffer)).isEqualTo(PageCache.FIRST_HIT);
    assertThat(cache.read(1, 1, 0, 16, buffer)).isEqualTo(PageCache.HIT);
    NativeMemory.free(buffer);
  }

  @Test
  void aPageOfAnotherFileIsAnotherPage() {
    PageCache cache = new PageCache(MIB);
    put(cache, 1, 7, 512);
    for (int file = 2; file < 50_000; file++) { // so many that some share its hash bucket
      assertThat(cache.contains(file, 7)).isFalse();
    }
    assertThat(cache.contains(1, 8)).isFalse();
  }

  @Test
  void aSlotWhoseFillingFailedHoldsNothing() {
    PageCache cache = new PageCache(MIB);
    CacheSlot slot = cache.acquire(1, 1, 4096, Worth.NEAR);
    assertThat(slot).isNotNull();
    if (slot != null) {
      cache.release(slot, 1, 1);
    }
    assertThat(cache.contains(1, 1)).isFalse();
    assertThat(put(cache, 1, 1, 4096)).isTrue();
  }

  @Test
  void twoFetchesOfOneFrameLeaveOnePage() {
    PageCache cache = new PageCache(MIB);
    CacheSlot one = cache.acquire(1, 1, 4096, Worth.NEAR);
    CacheSlot two = cache.acquire(1, 1, 4096, Worth.NEAR);
    assertThat(one).isNotNull();
    assertThat(two).isNotNull();
    if (one != null && two != null) {
      fill(one.address, 1, 1, 4096);
      cache.publish(one, 1, 1, Worth.NEAR);
      cache.publish(two, 1, 1, Worth.NEAR);
    }
    check(cache, 1, 1, 4096);
    assertThat(put(cache, 1, 1, 4096)).isFalse();
  }

  @Test
  void whenEverySlotIsBeingFilledThereIsNoRoom() {
    PageCache cache = new PageCache(MIB);
    int[] pgnos = ofOneShard(40);
    List<CacheSlot> busy = new ArrayList<>();
    for (int i = 0; i < 32; i++) {
      CacheSlot slot = cache.acquire(1, pgnos[i], 4096, Worth.NEAR);
      assertThat(slot).isNotNull();
      if (slot != null) {
        busy.add(slot);
      }
    }
    assertThat(busy.stream().map(s -> s.address).distinct()).hasSize(32);
    assertThat(cache.acquire(1, pgnos[33], 4096, Worth.NEAR)).isNull();
    cache.release(busy.getFirst(), 1, pgnos[0]);
    assertThat(cache.acquire(1, pgnos[33], 4096, Worth.NEAR)).isNotNull();
  }

  @Test
  void databasesOfOtherPageSizesGetTheirShare() {
    PageCache cache = new PageCache(8 * MIB);
    int file = 1;
    for (int pageSize : new int[] {512, 65536, 4096, 1024, 32768}) {
      int pages = 16 * MIB / pageSize;
      for (int pgno = 1; pgno <= pages; pgno++) {
        assertThat(put(cache, file, pgno, pageSize)).isTrue();
      }
      assertThat(stored(cache, file, pages) * (long) pageSize)
          .as("page size %d, after others had filled the cache", pageSize)
          .isGreaterThanOrEqualTo(8 * MIB / 32);
      file++;
    }
    long held = 0;
    int[] sizes = {512, 65536, 4096, 1024, 32768};
    for (int i = 0; i < sizes.length; i++) {
      held += stored(cache, i + 1, 16 * MIB / sizes[i]) * (long) sizes[i];
    }
    assertThat(held).isLessThanOrEqualTo(8 * MIB);
  }

  @Test
  void threadsThatFillAndReadAlwaysSeeTheBytesOfTheKey() throws Exception {
    PageCache cache = new PageCache(MIB);
    int[] sizes = {512, 4096, 65536};
    List<Callable<Integer>> tasks = new ArrayList<>();
    for (int t = 0; t < 8; t++) {
      int seed = t;
      tasks.add(() -> {
        Random random = new Random(seed);
        int seen = 0;
        for (int i = 0; i < 6_000; i++) {
          int file = 1 + random.nextInt(3);
          int pgno = 1 + random.nextInt(file == 3 ? 40 : 400);
          int pageSize = sizes[file - 1];
          if (random.nextInt(3) == 0) {
            put(cache, file, pgno, pageSize);
          } else if (check(cache, file, pgno, pageSize)) {
            seen++;
          }
        }
        return seen;
      });
    }
    int seen = 0;
    try (var pool = Executors.newFixedThreadPool(8)) {
      for (Future<Integer> done : pool.invokeAll(tasks)) {
        seen += done.get();
      }
    }
    assertThat(seen).isGreaterThan(1000);
  }

  private static boolean check(PageCache cache, long file, int pgno, int pageSize) {
    long buffer = NativeMemory.allocate(pageSize);
    long expected = NativeMemory.allocate(pageSize);
    try {
      if (cache.read(file, pgno, 0, pageSize, buffer) == PageCache.ABSENT) {
        return false;
      }
      fill(expected, file, pgno, pageSize);
      byte[] got = new byte[pageSize];
      byte[] right = new byte[pageSize];
      NativeMemory.read(buffer, got, 0, pageSize);
      NativeMemory.read(expected, right, 0, pageSize);
      assertThat(got).isEqualTo(right);
      return true;
    } finally {
      NativeMemory.free(buffer);
      NativeMemory.free(expected);
    }
  }
}
