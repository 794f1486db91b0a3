package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.SqliteFiles;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * What a join costs that goes from one index into another: the items of a customer's twelve orders,
 * all over a file of 40 MB.
 */
class JoinLookupsTest {
  private static final int PAGE = 4096;
  private static final int ORDERS = 24_000;
  private static final int CUSTOMERS = 2_000;
  private static final int ITEMS_OF_ORDER = 4;

  private static final SqliteFiles.Database DATABASE =
      SqliteFiles.make(
          PAGE,
          "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer INTEGER)",
          "CREATE INDEX by_customer ON orders (customer)",
          "CREATE TABLE items (id INTEGER PRIMARY KEY, ordered INTEGER, body BLOB)",
          "CREATE INDEX by_order ON items (ordered)",
          "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ORDERS)
              + " INSERT INTO orders SELECT i, i * 7919 %% %d FROM n".formatted(CUSTOMERS),
          "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
                  .formatted(ORDERS * ITEMS_OF_ORDER - 1)
              + " INSERT INTO items SELECT i + 1, i / %d + 1, randomblob(350) FROM n"
                  .formatted(ITEMS_OF_ORDER));

  private final RecordingStore store;
  private final ReplicaPages pages;
  private final View view;
  private final PageReader reader;

  JoinLookupsTest() {
    ReplicaBuilder replica = new ReplicaBuilder(PAGE);
    replica.database(DATABASE.bytes());
    LtxFile file = replica.file(0, 1, 1);
    store = new RecordingStore(replica.store());
    pages = new ReplicaPages(store, new PageCache(32 << 20), Lab.FAR);
    view = pages.view(new Plan(List.of(file)), 1).join();
    reader = pages.reader();
    store.forget();
  }

  private byte[] page(int pgno) throws IOException {
    return Lab.read(reader, view, pgno);
  }

  /** Counts the items of some customers' orders, as SQLite does for a join of three trees. */
  private int items(int firstCustomer, int lastCustomer) throws IOException {
    BTree tree = new BTree(this::page);
    int[] found = {0};
    for (int customer = firstCustomer; customer <= lastCustomer; customer++) {
      tree.entries(
          DATABASE.root("by_customer"),
          customer,
          order ->
              tree.entries(
                  DATABASE.root("by_order"),
                  order,
                  item -> {
                    assertThat(tree.find(DATABASE.root("items"), item)).isTrue();
                    found[0]++;
                  }));
    }
    return found[0];
  }

  @Test
  void whatTheOuterIndexNamesNextIsLookedUpAheadInTheInnerOne() throws Exception {
    assertThat(items(700, 700)).isEqualTo(ORDERS / CUSTOMERS * ITEMS_OF_ORDER);
    // 12 without, for 19 MB in 282 requests: a tree is fetched whole for who jumps about in it.
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(5);
    assertThat(store.bytes()).isLessThan(600_000);
    assertThat(store.gets()).isLessThanOrEqualTo(45);
  }

  @Test
  void soAreThoseOfTheKeysThatFollow() throws Exception {
    assertThat(items(700, 719)).isEqualTo(20 * ORDERS / CUSTOMERS * ITEMS_OF_ORDER);
    // 102 without, for 385 MB.
    assertThat(pages.stats().waits()).isLessThanOrEqualTo(30);
    assertThat(store.bytes()).isLessThan(60_000_000);
    assertThat(store.gets()).isLessThanOrEqualTo(950);
  }

  /** Guesses may be wrong; a read never fails for one. */
  @Test
  void readsInAnyOrderAreAnswered() throws Exception {
    List<Integer> leaves = new ArrayList<>();
    for (String tree : List.of("by_customer", "by_order", "items")) {
      List<Integer> all = new ArrayList<>();
      long cells = new BTree(pgno -> local(pgno, all)).scan(DATABASE.root(tree));
      assertThat(cells).isPositive();
      leaves.addAll(all.subList(0, Math.min(all.size(), 24)));
    }
    for (int seed = 0; seed < 300; seed++) {
      Random random = new Random(seed);
      ReplicaPages cold = new ReplicaPages(store, new PageCache(4 << 20), Lab.FAR);
      View same = cold.view(view.plan(), 1).join();
      PageReader any = cold.reader();
      for (int i = 0; i < 100; i++) {
        int pgno = leaves.get(random.nextInt(leaves.size()));
        assertThat(Lab.read(any, same, pgno)).isEqualTo(local(pgno, new ArrayList<>()));
      }
    }
  }

  private static byte[] local(int pgno, List<Integer> read) {
    read.add(pgno);
    return Arrays.copyOfRange(DATABASE.bytes(), (pgno - 1) * PAGE, pgno * PAGE);
  }
}
