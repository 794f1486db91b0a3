package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PageMapTest {
  /** With compressed pointers: a header of 16 bytes and 64 references. */
  private static final int NODE_BYTES = 16 + 64 * 4;

  @Test
  void itFindsWhatAPlainMapFindsWhateverGrowsAndShrinks() {
    long seed = System.nanoTime();
    for (int round = 0; round < 25; round++) {
      Random random = new Random(seed + round);
      PageMap map = PageMap.EMPTY;
      Map<Integer, IndexedFile> model = new HashMap<>();
      int most = 1 << (2 + random.nextInt(12));
      int commit = 1 + random.nextInt(most);
      for (int txid = 1; txid <= 30; txid++) {
        boolean complete = txid == 1 || random.nextInt(12) == 0;
        if (txid > 1) {
          commit = random.nextInt(3) > 0 ? commit : 1 + random.nextInt(most);
        }
        int[] pgnos =
            complete
                ? IntStream.rangeClosed(1, commit).toArray()
                : random.ints(random.nextInt(40), 1, commit + 1).sorted().distinct().toArray();
        IndexedFile file = Lab.nowhere(commit, txid, pgnos);
        int last = commit;
        model.keySet().removeIf(pgno -> pgno > last);
        for (int pgno : pgnos) {
          model.put(pgno, file);
        }
        map = map.with(file);
        for (int pgno = 1; pgno <= most + 1; pgno++) {
          if (!Objects.equals(map.find(pgno), model.get(pgno))) {
            fail("seed %d, TXID %d, page %d".formatted(seed + round, txid, pgno));
          }
        }
      }
    }
  }

  @Test
  void aPageThatWasCutOffIsNotFoundAgainWhenTheDatabaseGrows() {
    PageMap map =
        PageMap.EMPTY
            .with(Lab.nowhere(100, 1, IntStream.rangeClosed(1, 100).toArray()))
            .with(Lab.nowhere(100, 2, 70, 90))
            .with(Lab.nowhere(80, 3, 1))
            .with(Lab.nowhere(100, 4, 1, 99));
    assertThat(map.find(70)).isNotNull();
    assertThat(map.find(85)).isNull();
    assertThat(map.find(90)).isNull();
    assertThat(map.find(99)).isNotNull();
  }

  @Test
  void aFileWithoutPagesStillShrinks() {
    PageMap map =
        PageMap.EMPTY
            .with(Lab.nowhere(3, 1, 1, 2, 3))
            .with(Lab.nowhere(2, 2))
            .with(Lab.nowhere(3, 3));
    assertThat(map.find(2)).isNotNull();
    assertThat(map.find(3)).isNull();
  }

  @Test
  void anOldMapNeverChanges() {
    List<PageMap> maps = new ArrayList<>();
    List<Map<Integer, IndexedFile>> models = new ArrayList<>();
    Random random = new Random(5);
    PageMap map = PageMap.EMPTY;
    Map<Integer, IndexedFile> model = new HashMap<>();
    for (int txid = 1; txid < 40; txid++) {
      int commit = txid == 1 ? 5000 : 5000 - 20 * (txid % 5);
      int[] pgnos =
          txid == 1
              ? IntStream.rangeClosed(1, commit).toArray()
              : random.ints(20, 1, commit + 1).sorted().distinct().toArray();
      IndexedFile file = Lab.nowhere(commit, txid, pgnos);
      map = map.with(file);
      model.keySet().removeIf(pgno -> pgno > commit);
      for (int pgno : pgnos) {
        model.put(pgno, file);
      }
      maps.add(map);
      models.add(new HashMap<>(model));
    }
    for (int i = 0; i < maps.size(); i++) {
      for (int pgno = 1; pgno <= 5001; pgno++) {
        assertThat(maps.get(i).find(pgno)).isSameAs(models.get(i).get(pgno));
      }
    }
  }

  @Test
  void aNewMapSharesAllButThePathsToWhatChanged() throws Exception {
    int pages = 200_000;
    PageMap old =
        PageMap.EMPTY
            .with(Lab.nowhere(pages, 1, IntStream.rangeClosed(1, pages).toArray()))
            .with(Lab.nowhere(pages, 2, IntStream.rangeClosed(1, pages - 1).toArray()));
    IdentityHashMap<Object, Boolean> before = nodes(old);
    PageMap one = old.with(Lab.nowhere(pages, 3, 123_456));
    assertThat(fresh(one, before)).isEqualTo(3); // 64^3 > 200 000: one path of three nodes
    PageMap ten =
        old.with(Lab.nowhere(pages, 4, IntStream.range(1, 11).map(i -> i * 19_999).toArray()));
    assertThat(fresh(ten, before)).isLessThanOrEqualTo(1 + 10 * 2);
  }

  @Test
  void aPageCostsAtMost16BytesWithAllIndexes() throws Exception {
    int pages = 200_000;
    IndexedFile base = Lab.nowhere(pages, 1, IntStream.rangeClosed(1, pages).toArray());
    assertThat(base.index().memoryBytes()).isLessThan(3L * pages);
    // The worst case: nearly every page lies in a file above the base, and none in a run.
    IndexedFile odd =
        Lab.nowhere(pages, 2, IntStream.range(0, pages / 2).map(i -> 2 * i + 1).toArray());
    IndexedFile even =
        Lab.nowhere(pages, 3, IntStream.range(1, pages / 2).map(i -> 2 * i).toArray());
    PageMap map = PageMap.EMPTY.with(base).with(odd).with(even);
    long bytes = (long) nodes(map).size() * NODE_BYTES;
    for (IndexedFile file : List.of(base, odd, even)) {
      bytes += file.index().memoryBytes();
    }
    assertThat(bytes).isLessThanOrEqualTo(16L * pages);
    assertThat(nodes(PageMap.EMPTY.with(base))).isEmpty();
  }

  private static int fresh(PageMap map, IdentityHashMap<Object, Boolean> known) throws Exception {
    int fresh = 0;
    for (Object node : nodes(map).keySet()) {
      fresh += known.containsKey(node) ? 0 : 1;
    }
    return fresh;
  }

  /** All nodes of a map's tree, by identity. */
  private static IdentityHashMap<Object, Boolean> nodes(PageMap map) throws Exception {
    var root = PageMap.class.getDeclaredField("root");
    root.setAccessible(true);
    IdentityHashMap<Object, Boolean> nodes = new IdentityHashMap<>();
    collect(root.get(map), nodes);
    return nodes;
  }

  private static void collect(@Nullable Object node, IdentityHashMap<Object, Boolean> nodes) {
    if (node instanceof Object[] children) {
      nodes.put(children, true);
      for (Object child : children) {
        collect(child, nodes);
      }
    }
  }
}
