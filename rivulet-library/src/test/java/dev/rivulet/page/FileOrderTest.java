package dev.rivulet.page;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class FileOrderTest {
  private final FileOrder order = new FileOrder();

  @Test
  void pageAfterPageIsInOrderAfterFourSteps() {
    for (int pgno = 100; pgno < 104; pgno++) {
      order.moveTo(pgno, false);
      assertThat(order.isKept()).isFalse();
    }
    order.moveTo(104, false);
    assertThat(order.isKept()).isTrue();
    assertThat(order.position()).isEqualTo(104);
    order.moveTo(400, false);
    assertThat(order.isKept()).isFalse();
  }

  @Test
  void whatATreeExplainsIsNoOrderOfTheFile() {
    for (int pgno = 100; pgno < 200; pgno++) {
      order.moveTo(pgno, true);
      assertThat(order.isKept()).isFalse();
    }
  }

  @Test
  void rowsWhoseOtherPagesLieBeforeTheirLeafAreInOrder() {
    int reads = 0;
    for (int row = 0; row < 20; row++) {
      int first = 50 + row * 5;
      for (int pgno : new int[] {first + 4, first, first + 1, first + 2, first + 3}) {
        order.moveTo(pgno, false);
        reads++;
        assertThat(order.isKept()).as("after %d reads", reads).isEqualTo(reads > 12);
        if (order.isKept()) {
          assertThat(order.position()).isEqualTo(first + 4);
        }
      }
    }
  }

  @Test
  void aPageThatIsReadAgainIsNoStep() {
    for (int i = 0; i < 100; i++) {
      order.moveTo(7, false);
    }
    assertThat(order.isKept()).isFalse();
  }

  @Test
  void lookupsInASmallTreeAreNotTakenForIt() {
    Random random = new Random(4);
    int kept = 0;
    for (int i = 0; i < 10_000; i++) {
      order.moveTo(1000 + random.nextInt(12), false);
      kept += order.isKept() ? 1 : 0;
    }
    // By chance at the beginning, or four neighbours in a row.
    assertThat(kept).isLessThan(40);
  }
}
