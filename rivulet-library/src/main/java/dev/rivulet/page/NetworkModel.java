package dev.rivulet.page;

/**
 * What the store costs, as measured: seconds to the first byte and bytes a second of one request.
 *
 * <p>Everything that is fetched ahead is weighed with these two. Waiting for one more request costs
 * {@code latency}; in that time a request could have brought {@code latency * bandwidth} bytes
 * ({@link #roundTripBytes}, 2.1 MB at 25 ms and 85 MB/s, 340 kB at 4 ms). So a byte fetched for
 * nothing is cheap as long as at least one page in every such stretch is used.
 *
 * <p>Both are moving averages over the last eight or so requests: a single slow one (S3's tail of
 * some hundred milliseconds) shifts them by an eighth. Races between updates lose a sample, which
 * is harmless.
 */
public final class NetworkModel {
  /** Assumed before the first request: a store in the same region. */
  private static final double FIRST_LATENCY_SECONDS = 0.02;

  private static final double FIRST_BANDWIDTH = 50e6;
  private static final double WEIGHT = 1.0 / 8;

  /** Bodies below this arrive in a few packets, and their duration says nothing of bandwidth. */
  private static final long BANDWIDTH_SAMPLE = 64 * 1024;

  /** Loopback and memory stores: below this, everything is dominated by our own work. */
  private static final double LEAST_LATENCY = 0.0005;

  private final boolean learning;
  private volatile double latency;
  private volatile double bandwidth;
  private volatile boolean latencyMeasured;
  private volatile boolean bandwidthMeasured;

  /** A model that learns from what it is shown. */
  public NetworkModel() {
    this(true, FIRST_LATENCY_SECONDS, FIRST_BANDWIDTH);
  }

  private NetworkModel(boolean learning, double latency, double bandwidth) {
    this.learning = learning;
    this.latency = latency;
    this.bandwidth = bandwidth;
  }

  /**
   * A model of a network that is known, so that what is fetched does not depend on how fast this
   * machine happens to be.
   */
  public static NetworkModel fixed(double latencySeconds, double bytesPerSecond) {
    return new NetworkModel(false, latencySeconds, bytesPerSecond);
  }

  /**
   * Takes one finished request into account.
   *
   * @param bytes of the body
   * @param firstByteNanos from the request to its first byte
   * @param bodyNanos from its first byte to its last
   */
  public void observe(long bytes, long firstByteNanos, long bodyNanos) {
    if (!learning) {
      return;
    }
    double seconds = Math.max(firstByteNanos / 1e9, LEAST_LATENCY);
    latency = latencyMeasured ? latency + (seconds - latency) * WEIGHT : seconds;
    latencyMeasured = true;
    if (bytes >= BANDWIDTH_SAMPLE && bodyNanos > 0) {
      double rate = Math.min(bytes / (bodyNanos / 1e9), 1e9);
      bandwidth = bandwidthMeasured ? bandwidth + (rate - bandwidth) * WEIGHT : rate;
      bandwidthMeasured = true;
    }
  }

  /** How many bytes one request could bring in the time that another one waits. */
  public long roundTripBytes() {
    return (long) (latency * bandwidth);
  }

  /** Seconds to the first byte. */
  public double latencySeconds() {
    return latency;
  }

  /** Bytes a second of one request. */
  public double bytesPerSecond() {
    return bandwidth;
  }
}
