package dev.rivulet.testing;

import java.time.Duration;
import java.util.Random;

/**
 * What {@link DelayProxy} adds to each request.
 *
 * @param firstByte from the request's last byte to its being handed to the server, so that it adds
 *     to what the server takes itself
 * @param bytesPerSecond of one response's body; {@link Long#MAX_VALUE} is no limit
 * @param tailShare share of requests, 0 to 1, that wait {@code tailLeast} to {@code tailMost}
 *     instead of {@code firstByte}
 * @param seed of the draw that decides which: the same seed gives the n-th request the same delay
 */
public record Latency(
    Duration firstByte,
    long bytesPerSecond,
    double tailShare,
    Duration tailLeast,
    Duration tailMost,
    long seed) {

  /** One stream of an object store: what a single S3 GET reaches, whatever the client's network. */
  private static final long STREAM = 85_000_000;

  /** Adds nothing and limits nothing: the proxy only counts. */
  public static final Latency NONE = steady(Duration.ZERO, Long.MAX_VALUE);

  /** A client in the store's own region. */
  public static final Latency NEAR = steady(Duration.ofMillis(4), STREAM);

  /** A client in another region. The tail is off, so that two runs can be compared. */
  public static final Latency FAR = steady(Duration.ofMillis(25), STREAM);

  public Latency {
    if (firstByte.isNegative() || bytesPerSecond <= 0 || tailLeast.compareTo(tailMost) > 0) {
      throw new IllegalArgumentException("Not a latency: " + firstByte + ", " + bytesPerSecond);
    }
  }

  /** Every request waits the same time. */
  public static Latency steady(Duration firstByte, long bytesPerSecond) {
    return new Latency(firstByte, bytesPerSecond, 0, Duration.ZERO, Duration.ZERO, 0);
  }

  /** This latency, with 2 % of its requests answered after 200 to 600 ms, as object stores do. */
  public Latency withTail(long seed) {
    return new Latency(
        firstByte, bytesPerSecond, 0.02, Duration.ofMillis(200), Duration.ofMillis(600), seed);
  }

  Random draw() {
    return new Random(seed);
  }

  /** The next request's delay, in nanoseconds. */
  long nextDelay(Random draw) {
    if (tailShare <= 0 || draw.nextDouble() >= tailShare) {
      return firstByte.toNanos();
    }
    return draw.nextLong(tailLeast.toNanos(), tailMost.toNanos() + 1);
  }
}
