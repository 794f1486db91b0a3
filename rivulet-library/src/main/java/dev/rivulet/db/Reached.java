package dev.rivulet.db;

import dev.rivulet.ltx.Txid;
import dev.rivulet.page.View;

/**
 * Where a connection is in time.
 *
 * @param txid the last transaction of the state it reads
 * @param timeMillis when that was replicated, by the primary's clock; since 1970
 */
public record Reached(Txid txid, long timeMillis) {
  static Reached of(View view) {
    return new Reached(view.txid(), view.timeMillis());
  }

  /** {@code 2026-11-22T10:00:00.123Z 00000000000000ff}: what a setter answers. */
  @Override
  public String toString() {
    return TimeText.of(timeMillis) + " " + txid;
  }
}
