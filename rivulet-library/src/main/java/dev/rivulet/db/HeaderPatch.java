package dev.rivulet.db;

import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.View;

/**
 * Presents page 1 as SQLite shall see it (SQLite file format, section 1.3).
 *
 * <p>The primary's database is in WAL mode and its change counter means nothing here. SQLite must
 * see a rollback-journal database whose counter is the view's number, so that it keeps its page
 * cache exactly as long as the view is the same, and whose header has the view's page count. Only
 * the copy that SQLite gets is changed. Bytes are patched in every read that touches them, also in
 * the 16 bytes that SQLite reads at offset 24 to see whether its cache is still good.
 */
final class HeaderPatch {
  /** File format write and read version; 1 is rollback journal. */
  private static final int FORMAT_VERSIONS = 18;

  private static final int CHANGE_COUNTER = 24;
  private static final int PAGE_COUNT = 28;
  private static final int VERSION_VALID_FOR = 92;

  /** After the last byte that is patched. */
  static final int END = VERSION_VALID_FOR + 4;

  private HeaderPatch() {}

  /** Patches {@code length} bytes of page 1 that begin at {@code from} in the page. */
  static void apply(View view, int from, int length, long address) {
    byteAt(FORMAT_VERSIONS, 1, from, length, address);
    byteAt(FORMAT_VERSIONS + 1, 1, from, length, address);
    intAt(CHANGE_COUNTER, view.number(), from, length, address);
    intAt(PAGE_COUNT, view.commit(), from, length, address);
    intAt(VERSION_VALID_FOR, view.number(), from, length, address);
  }

  private static void intAt(int at, int value, int from, int length, long address) {
    for (int i = 0; i < 4; i++) {
      byteAt(at + i, value >>> (24 - 8 * i), from, length, address);
    }
  }

  private static void byteAt(int at, int value, int from, int length, long address) {
    if (at >= from && at < from + length) {
      NativeMemory.writeByte(address + at - from, value);
    }
  }
}
