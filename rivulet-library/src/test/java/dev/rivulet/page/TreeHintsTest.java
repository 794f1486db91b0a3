package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.SqliteFiles;
import dev.rivulet.natives.NativeMemory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TreeHintsTest {
  private static void learn(TreeHints hints, int pgno, byte[] page) {
    long address = NativeMemory.allocate(page.length);
    NativeMemory.write(page, 0, page.length, address);
    hints.learn(pgno, address, page.length);
    NativeMemory.free(address);
  }

  private static byte[] page(SqliteFiles.Database database, int pgno) {
    int size = database.pageSize();
    return Arrays.copyOfRange(database.bytes(), (pgno - 1) * size, pgno * size);
  }

  @Test
  void theChildrenOfARealTreesRootAreKnownInKeyOrder() {
    SqliteFiles.Database database = SqliteFiles.rows(5000, 200);
    int root = database.root("t");
    TreeHints hints = new TreeHints();
    learn(hints, root, page(database, root));
    int[] children = BTree.children(page(database, root), 0);
    assertThat(children.length).isGreaterThan(100);
    for (int i = 0; i < children.length; i++) {
      long hint = hints.find(children[i]);
      assertThat(hint).isNotEqualTo(TreeHints.NONE);
      assertThat(hints.parent(TreeHints.slot(hint))).isEqualTo(root);
      assertThat(TreeHints.position(hint)).isEqualTo(i);
      assertThat(hints.child(TreeHints.slot(hint), i)).isEqualTo(children[i]);
    }
    assertThat(hints.child(0, children.length)).isZero();
    assertThat(hints.child(0, -1)).isZero();
    assertThat(hints.find(root)).isEqualTo(TreeHints.NONE);
  }

  @Test
  void leavesTeachNothing() {
    SqliteFiles.Database database = SqliteFiles.rows(5000, 200);
    TreeHints hints = new TreeHints();
    for (int pgno = 1; pgno <= database.pages(); pgno++) {
      int type = page(database, pgno)[pgno == 1 ? 100 : 0];
      if (type == 13 || type == 10) {
        learn(hints, pgno, page(database, pgno));
      }
    }
    for (int pgno = 1; pgno <= database.pages(); pgno++) {
      assertThat(hints.find(pgno)).isEqualTo(TreeHints.NONE);
    }
  }

  @Test
  void aPageThatChangedReplacesWhatWasKnownOfIt() {
    TreeHints hints = new TreeHints();
    learn(hints, 2, interior(10, 11, 12));
    learn(hints, 2, interior(11, 13));
    assertThat(hints.find(10)).isEqualTo(TreeHints.NONE);
    assertThat(TreeHints.position(hints.find(11))).isZero();
    assertThat(TreeHints.position(hints.find(13))).isEqualTo(1);
  }

  @Test
  void onlySoManyParentsAreRemembered() {
    TreeHints hints = new TreeHints();
    for (int pgno = 2; pgno < 2 + TreeHints.PARENTS + 1; pgno++) {
      learn(hints, pgno, interior(10_000 + pgno, 20_000 + pgno));
    }
    assertThat(hints.find(10_000 + 2)).isEqualTo(TreeHints.NONE);
    assertThat(hints.childrenOf(2)).isEqualTo(-1);
    assertThat(hints.find(10_000 + 3)).isNotEqualTo(TreeHints.NONE);
    assertThat(hints.childrenOf(3)).isNotEqualTo(-1);
    assertThat(hints.find(10_000 + 2 + TreeHints.PARENTS)).isNotEqualTo(TreeHints.NONE);
  }

  @Test
  void thePagesAboveThoseOfAScanAreRememberedLonger() {
    TreeHints hints = new TreeHints();
    int root = 2;
    int[] second = IntStream.range(100, 150).toArray();
    learn(hints, root, interior(second));
    int leaf = 100_000;
    for (int above : second) {
      int[] first = IntStream.range(above * 100, above * 100 + 70).toArray();
      learn(hints, above, interior(first));
      for (int parent : first) {
        learn(hints, parent, interior(IntStream.range(leaf, leaf + 70).toArray()));
        leaf += 70;
      }
    }
    // Of 3,500 pages above leaves the last 1,400, which have 100,000 children with those above
    // them.
    assertThat(hints.childrenOf(12_800)).isNegative();
    assertThat(hints.childrenOf(13_100)).isNotNegative();
    assertThat(hints.childrenOf(root)).isNotNegative();
    assertThat(hints.childrenOf(149)).isNotNegative();
    assertThat(hints.nextInterior(hints.childrenOf(14_869))).isEqualTo(14_900);
    assertThat(hints.childrenOf(100)).as("what the scan has passed is forgotten").isNegative();
  }

  @Test
  void noPageAboveLeavesDisplacesOneAboveIt() {
    TreeHints hints = new TreeHints();
    learn(hints, 2, interior(10, 11));
    learn(hints, 10, interior(20, 21));
    int sameBucket = (1 << 14) + 3;
    learn(hints, sameBucket, interior(30, 31));
    assertThat(hints.childrenOf(2)).isNotNegative();
    assertThat(hints.childrenOf(sameBucket)).isNegative();
    int childInTheBucketOf11 = (1 << 16) + 10;
    learn(hints, 12, interior(childInTheBucketOf11, 40));
    assertThat(hints.find(11)).isNotEqualTo(TreeHints.NONE);
    assertThat(hints.find(childInTheBucketOf11)).isEqualTo(TreeHints.NONE);
    assertThat(hints.find(40)).isNotEqualTo(TreeHints.NONE);
  }

  @Test
  void onlySoManyChildrenAreRemembered() {
    TreeHints hints = new TreeHints();
    int each = 50;
    int most = 100_000 / each;
    for (int i = 0; i <= most; i++) {
      int[] children = new int[each];
      for (int j = 0; j < each; j++) {
        children[j] = 10_000 + i * each + j;
      }
      learn(hints, 2 + i, interior(children));
    }
    assertThat(hints.childrenOf(2)).isEqualTo(-1);
    assertThat(hints.childrenOf(3)).isNotEqualTo(-1);
    assertThat(hints.childrenOf(2 + most)).isNotEqualTo(-1);
  }

  @Test
  void whatFollowsAtALevelIsKnownAcrossTheirParents() {
    TreeHints hints = new TreeHints();
    learn(hints, 2, interior(10, 11));
    learn(hints, 10, interior(20, 21));
    learn(hints, 20, interior(30, 31));
    learn(hints, 21, interior(32, 33));
    assertThat(hints.nextInterior(hints.childrenOf(20))).isEqualTo(21);
    assertThat(hints.nextSibling(hints.childrenOf(20))).isEqualTo(hints.childrenOf(21));
    assertThat(hints.nextInterior(hints.childrenOf(21))).as("11 is not known yet").isZero();
    assertThat(hints.nextSibling(hints.childrenOf(21))).isEqualTo(-1);
    assertThat(hints.nextInterior(hints.childrenOf(10))).isEqualTo(11);
    learn(hints, 11, interior(22, 23));
    assertThat(hints.nextInterior(hints.childrenOf(21))).isEqualTo(22);
    assertThat(hints.nextSibling(hints.childrenOf(21))).as("nor 22").isEqualTo(-1);
    learn(hints, 22, interior(34, 35));
    assertThat(hints.nextSibling(hints.childrenOf(21))).isEqualTo(hints.childrenOf(22));
    assertThat(hints.nextInterior(hints.childrenOf(11))).isZero();
    assertThat(hints.nextInterior(hints.childrenOf(2))).isZero();
  }

  @Test
  void aTreeThatLeadsInACircleHasAnEnd() {
    TreeHints hints = new TreeHints();
    learn(hints, 2, interior(9, 3));
    learn(hints, 3, interior(8, 2));
    assertThat(hints.nextInterior(hints.childrenOf(2))).isZero();
  }

  /** An interior page of a table with these children. */
  static byte[] interior(int... children) {
    byte[] page = new byte[512];
    page[0] = 5;
    int cells = children.length - 1;
    page[4] = (byte) cells;
    putInt(page, 8, children[cells]);
    for (int i = 0; i < cells; i++) {
      int cell = 512 - 5 * (i + 1);
      page[12 + 2 * i] = (byte) (cell >> 8);
      page[13 + 2 * i] = (byte) cell;
      putInt(page, cell, children[i]);
    }
    return page;
  }

  private static void putInt(byte[] page, int at, int value) {
    for (int i = 0; i < 4; i++) {
      page[at + i] = (byte) (value >>> (24 - 8 * i));
    }
  }

  @Test
  void hostilePagesTeachOnlyWhatCouldBePages() {
    Random random = new Random(3);
    TreeHints hints = new TreeHints();
    List<byte[]> pages = new ArrayList<>(List.of(interior(2, 3), interior(-1, 5), interior(1, 9)));
    for (int i = 0; i < 5000; i++) {
      byte[] page = interior(random.nextInt(), random.nextInt(50), random.nextInt(50));
      for (int flips = random.nextInt(40); flips > 0; flips--) {
        page[random.nextInt(random.nextBoolean() ? 40 : 512)] = (byte) random.nextInt();
      }
      page[0] = (byte) (random.nextBoolean() ? 5 : 2);
      pages.add(page);
    }
    for (byte[] page : pages) {
      learn(hints, 1 + random.nextInt(600), page);
      int[] children = TreeHints.children(page, 0);
      if (children != null) {
        assertThat(java.util.Arrays.stream(children).min().orElseThrow()).isGreaterThanOrEqualTo(2);
      }
    }
    byte[] full = interior(7, 8);
    full[3] = (byte) 0xff; // 65 thousand cells
    assertThat(TreeHints.children(full, 0)).isNull();
  }
}
