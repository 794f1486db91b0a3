package dev.rivulet.db;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.PageMap;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class HeaderPatchTest {
  private static final View VIEW =
      new View(
          0x01020304,
          new Txid(7),
          0,
          512,
          0x0a0b0c0d,
          PageMap.EMPTY,
          new Plan(List.of(new LtxFile(9, new Txid(1), new Txid(7), "k", 1, "e", 0))));

  /** Page 1 as SQLite shall see it, where the primary's has 0xee everywhere. */
  private static byte[] expected() {
    byte[] page = new byte[512];
    Arrays.fill(page, (byte) 0xee);
    byte[] number = {1, 2, 3, 4};
    page[18] = 1;
    page[19] = 1;
    System.arraycopy(number, 0, page, 24, 4);
    System.arraycopy(new byte[] {10, 11, 12, 13}, 0, page, 28, 4);
    System.arraycopy(number, 0, page, 92, 4);
    return page;
  }

  @Test
  void everyPartOfPage1IsPatchedWhereverTheReadBeginsAndEnds() {
    byte[] all = expected();
    for (int from = 0; from <= HeaderPatch.END; from++) {
      for (int length = 1; length <= 120; length++) {
        assertThat(patched(from, length))
            .as("from %d, %d bytes", from, length)
            .isEqualTo(Arrays.copyOfRange(all, from, from + length));
      }
    }
  }

  @Test
  void the16BytesThatTellSqliteWhetherItsCacheIsGoodAreTheViews() {
    assertThat(patched(24, 16)).startsWith(1, 2, 3, 4, 10, 11, 12, 13);
  }

  private static byte[] patched(int from, int length) {
    long address = NativeMemory.allocate(length);
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) 0xee);
    NativeMemory.write(bytes, 0, length, address);
    HeaderPatch.apply(VIEW, from, length, address);
    NativeMemory.read(address, bytes, 0, length);
    NativeMemory.free(address);
    return bytes;
  }
}
