package dev.rivulet.db;

import dev.rivulet.ltx.Txid;

/** Which state of a replica is meant. */
public sealed interface Moment {
  /** The newest one, and every newer one as it comes. */
  record Latest() implements Moment {
    @Override
    public String toString() {
      return "its newest state";
    }
  }

  /** The one after exactly this transaction. */
  record At(Txid txid) implements Moment {
    @Override
    public String toString() {
      return "TXID " + txid;
    }
  }

  /**
   * Every change in files strictly older than a time, by the times in their headers, as Litestream
   * restores it.
   *
   * @param millis since 1970
   */
  record Before(long millis) implements Moment {
    @Override
    public String toString() {
      return "a state before " + TimeText.of(millis);
    }
  }

  /** The newest state. */
  Moment LATEST = new Latest();
}
