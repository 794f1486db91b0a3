package dev.rivulet.db;

import dev.rivulet.ltx.Txid;

/** Which state of a replica is meant. */
public sealed interface RestorePoint {
  /** The newest one. */
  record Newest() implements RestorePoint {}

  /** The one after exactly this transaction. */
  record At(Txid txid) implements RestorePoint {}

  /**
   * Every change in files strictly older than a time, by the times in their headers.
   *
   * @param millis since 1970
   */
  record Before(long millis) implements RestorePoint {}
}
