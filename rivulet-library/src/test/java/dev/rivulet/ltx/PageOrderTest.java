package dev.rivulet.ltx;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.LtxException.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PageOrderTest {
  @ParameterizedTest
  @ValueSource(ints = {512, 1024, 2048, 4096, 8192, 16384, 32768, 65536})
  void aSnapshotHasEveryPageButTheLockPage(int pageSize) throws Exception {
    int lockPage = PageSize.lockPage(pageSize);
    PageOrder order = snapshot(pageSize, lockPage + 1);
    for (int pgno = 1; pgno < lockPage; pgno++) {
      order.next(pgno);
    }
    assertThat(Failures.of(() -> order.next(lockPage))).hasMessageContaining("is the lock page");
    assertThat(Failures.of(order::end)).hasMessageContaining(lockPage + 1 + " is missing");
    order.next(lockPage + 1);
    order.end();
  }

  @Test
  void aSnapshotMayEndBeforeOrAtTheLockPage() throws Exception {
    int lockPage = PageSize.lockPage(65536);
    for (int commit : new int[] {lockPage - 1, lockPage}) {
      PageOrder order = snapshot(65536, commit);
      for (int pgno = 1; pgno < lockPage; pgno++) {
        order.next(pgno);
      }
      order.end();
    }
  }

  @Test
  void anEmptySnapshotHasNoPage() throws Exception {
    snapshot(512, 0).end();
    assertThat(Failures.of(() -> snapshot(512, 0).next(1)).kind()).isEqualTo(Kind.FRAME);
  }

  @Test
  void theLastPageNumberThereIsCanEndAFile() throws Exception {
    var order =
        new PageOrder(
            new LtxHeader(2, 512, Integer.MAX_VALUE, new Txid(2), new Txid(2), 0, 0, 0, 0, 0, 0, 0),
            Kind.FRAME);
    order.next(Integer.MAX_VALUE);
    assertThat(Failures.of(() -> order.next(1L << 31))).hasMessageContaining("page 2147483648");
    order.end();
  }

  private static PageOrder snapshot(int pageSize, int commit) {
    var header = new LtxHeader(2, pageSize, commit, new Txid(1), new Txid(1), 0, 0, 0, 0, 0, 0, 0);
    return new PageOrder(header, Kind.FRAME);
  }
}
