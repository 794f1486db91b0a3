package dev.rivulet.page;

import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.Plan;

/**
 * One exact state of the database. Immutable.
 *
 * @param number what SQLite sees as change counter: equal numbers mean the same view, so that its
 *     page cache stays valid exactly as long
 * @param txid the last transaction
 * @param timeMillis when the newest transaction was replicated, by the primary's clock (the header
 *     of the last file), in milliseconds since 1970
 * @param pageSize in bytes
 * @param commit the database's size in pages; pages beyond it do not exist
 * @param map where the pages are
 * @param plan the files it was made from
 */
public record View(
    int number, Txid txid, long timeMillis, int pageSize, int commit, PageMap map, Plan plan) {
  /** The database's size in bytes. */
  public long bytes() {
    return (long) commit * pageSize;
  }

  /** The same state under another number. */
  public View withNumber(int other) {
    return new View(other, txid, timeMillis, pageSize, commit, map, plan);
  }
}
