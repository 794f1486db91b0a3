package dev.rivulet.jdbc;

import java.sql.SQLException;
import java.time.Duration;

/**
 * What a connection to a replica can do beyond JDBC. Had by {@code
 * connection.unwrap(RivuletConnection.class)}, through a pool's proxy too.
 *
 * <p>All of it is SQL as well ({@code SELECT litestream_refresh()} and others); an exception has
 * the message that SQL gives. As for the connection itself, calls of different threads are made one
 * after the other.
 *
 * <p>A pooled connection goes back as it is: whoever has sent it to another time sends it back with
 * {@link #follow} first, or has a pool of its own with the parameter {@code time}.
 */
public interface RivuletConnection {
  /**
   * The transaction id of the state that this connection reads: 16 hex digits. They compare as
   * strings.
   */
  String txid() throws SQLException;

  /** When the newest transaction of that state was replicated: RFC 3339, UTC. */
  String time() throws SQLException;

  /** Whole seconds since the store was last asked with success; -1 before the first time. */
  long lagSeconds() throws SQLException;

  /** What the replica is at and how following it goes, as a JSON object. */
  String status() throws SQLException;

  /**
   * Asks the store now. The next transaction reads what it says; one that is open keeps its state.
   *
   * @return the newest transaction id
   */
  String refresh() throws SQLException;

  /**
   * Waits until the local file of {@code hydration_path} has every page.
   *
   * @param timeout how long to wait at most
   * @return whether it has
   * @throws SQLException if there is no hydration to wait for, or it cannot end as things are
   */
  boolean awaitHydration(Duration timeout) throws SQLException;

  /**
   * Waits until this connection reads a state that has a transaction: whoever has written to the
   * primary, and knows its transaction id there, then reads his own write here.
   *
   * @param txid 16 hex digits
   * @param timeout how long to wait at most; it asks at least once, and may take a request longer
   * @throws java.sql.SQLTimeoutException if the replica does not have it by then; the message says
   *     what it has
   * @throws SQLException if this connection cannot come to read it, because a read transaction is
   *     open or it was sent to another time; or if the store cannot be asked
   */
  void awaitTxid(String txid, Duration timeout) throws SQLException;

  /**
   * Reads a state of the past from the next transaction on.
   *
   * @param time RFC 3339, or as people say it: {@code 5 minutes ago}
   * @return the time and transaction id that it went to
   */
  String travel(String time) throws SQLException;

  /** As {@link #travel}, to the state at exactly a transaction. */
  String travelToTxid(String txid) throws SQLException;

  /** Reads the newest state again, and follows. Returns what {@link #travel} does. */
  String follow() throws SQLException;
}
