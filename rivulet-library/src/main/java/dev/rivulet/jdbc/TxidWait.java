package dev.rivulet.jdbc;

import java.sql.SQLException;
import java.sql.SQLTimeoutException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Waits until a connection reads a state that has a transaction. */
final class TxidWait {
  /** The first pause; a primary on its default uploads once a second. */
  private static final long PAUSE_MILLIS = 50;

  /** Pauses grow to what a follower has anyhow: one LIST a second. */
  private static final long LONGEST_PAUSE_MILLIS = 1000;

  private static final int DIGITS = 16;

  private TxidWait() {}

  static void await(RivuletConnection connection, String txid, Duration timeout)
      throws SQLException {
    long wanted = parse(txid);
    long start = System.nanoTime();
    long nanos = nanos(timeout);
    long pause = PAUSE_MILLIS;
    while (true) {
      if (reaches(connection.txid(), wanted)) {
        return;
      }
      String newest = connection.refresh();
      if (reaches(newest, wanted)) {
        requireRead(connection.txid(), newest, wanted);
        return;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(nanos - (System.nanoTime() - start));
      if (left <= 0) {
        throw new SQLTimeoutException(
            "the replica has TXID "
                + newest
                + " and, after "
                + timeout
                + ", not yet "
                + txid
                + ": either the primary has not uploaded it, or it is another database's");
      }
      sleep(Math.min(pause, left));
      pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }
  }

  private static void requireRead(String read, String newest, long wanted) throws SQLException {
    if (!reaches(read, wanted)) {
      throw new SQLException(
          "the replica has TXID "
              + newest
              + ", but this connection still reads "
              + read
              + ": commit or roll back its open transaction, or, if it was sent to another time,"
              + " let it follow again");
    }
  }

  private static boolean reaches(String txid, long wanted) {
    return Long.compareUnsigned(Long.parseUnsignedLong(txid, 16), wanted) >= 0;
  }

  private static long parse(String txid) throws SQLException {
    try {
      if (txid.length() == DIGITS && txid.charAt(0) != '+') {
        return Long.parseUnsignedLong(txid, 16);
      }
    } catch (NumberFormatException e) {
      // refused below, with what would be right
    }
    throw new SQLException("'" + txid + "' is not a TXID, which has 16 hex digits");
  }

  private static long nanos(Duration timeout) {
    try {
      return timeout.toNanos();
    } catch (ArithmeticException e) {
      return timeout.isNegative() ? 0 : Long.MAX_VALUE; // 292 years
    }
  }

  private static void sleep(long millis) throws SQLException {
    try {
      Thread.sleep(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SQLException("the wait for a TXID was interrupted", e);
    }
  }
}
