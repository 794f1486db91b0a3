package dev.rivulet.store;

/**
 * How long a store may take and how much it may use. Times are in milliseconds.
 *
 * @param connect to have a connection, TLS and credentials included
 * @param firstByte from a request that is sent (or the last piece of it) to the first byte of the
 *     answer
 * @param stall between two pieces of an answer
 * @param request for one whole request, plus {@link #SLOWEST} for its bytes
 * @param patience for all attempts at one request together, counted from its start or the last byte
 *     received; after that the failure is shown to the user
 * @param attempts how often a request is tried without getting on, 1 or more
 * @param maxConnections sockets of one store, 1 or more; further requests wait for one
 */
public record StoreLimits(
    int connect,
    int firstByte,
    int stall,
    int request,
    int patience,
    int attempts,
    int maxConnections) {

  /** The least bytes per millisecond (64 KB/s) at which a transfer is worth waiting for. */
  static final int SLOWEST = 64;

  public StoreLimits {
    if (connect < 1
        || firstByte < 1
        || stall < 1
        || request < 1
        || patience < 1
        || attempts < 1
        || maxConnections < 1) {
      throw new IllegalArgumentException("limits must be positive");
    }
  }

  /**
   * A user should see an unreachable endpoint as an error within 10 to 15 seconds: patience 12 s.
   *
   * <ul>
   *   <li>connect 3 s: the kernel sends its SYN again after 1 s and 3 s; after the first of these a
   *       server that lives has answered.
   *   <li>first byte 5 s: S3's 99.9th percentile is below 1 s; twice in the patience.
   *   <li>stall 5 s: as the first byte.
   *   <li>request 20 s: more than the patience, for a transfer that makes progress may take longer.
   *   <li>attempts 5: with waits of at most 0.1, 0.2, 0.4 and 0.8 s.
   *   <li>128 connections: the 75 or so files of a day-old plan, and as many new ones as are
   *       followed one by one (100), are read in one round trip, and who fetches 48 short ranges
   *       ahead never waits behind them.
   * </ul>
   */
  public static StoreLimits defaults() {
    return new StoreLimits(3_000, 5_000, 5_000, 20_000, 12_000, 5, 128);
  }

  /** How long a request that moves so many bytes may take. */
  long requestMillis(long bytes) {
    return request + bytes / SLOWEST;
  }
}
