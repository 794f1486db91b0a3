package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import org.jspecify.annotations.Nullable;

/**
 * How far an exchange is, and until when it must be further: one deadline for the whole, and one
 * for each phase, which counts anew from whatever arrives.
 *
 * <p>Not thread-safe: the exchange guards it, and wakes up for it.
 */
final class Deadlines {
  /** How far an exchange is; in this order. */
  enum Phase {
    /** For a slot. */
    WAITING,
    CONNECTING,
    SENT,
    RECEIVING,
    OVER
  }

  private final S3Route route;
  private final StoreLimits limits;
  private final String what;
  private final long wholeNanos;
  private Phase phase = Phase.WAITING;
  private long progressNanos = System.nanoTime();

  /**
   * Of an exchange that begins now.
   *
   * @param what a few words for messages, as {@link S3Request#what}
   * @param bytes about how many will move
   */
  Deadlines(S3Route route, StoreLimits limits, String what, long bytes) {
    this.route = route;
    this.limits = limits;
    this.what = what;
    wholeNanos = System.nanoTime() + limits.requestMillis(bytes) * 1_000_000;
  }

  Phase phase() {
    return phase;
  }

  /** Notes a new phase, or that something has arrived in the same one. */
  void reach(Phase reached) {
    phase = reached;
    progressNanos = System.nanoTime();
  }

  /** Milliseconds until the next moment at which some deadline could have passed. */
  long millisLeft() {
    long nanos = Math.min(wholeNanos, progressNanos + phaseMillis() * 1_000_000);
    return (nanos - System.nanoTime()) / 1_000_000 + 1;
  }

  private long phaseMillis() {
    return switch (phase) {
      // The queue is not the server's fault: only the deadline of the whole ends a wait for a slot.
      case WAITING, OVER -> limits.requestMillis(0);
      case CONNECTING -> limits.connect();
      case SENT -> limits.firstByte();
      case RECEIVING -> limits.stall();
    };
  }

  /** The failure that a deadline which has passed is; null if none has. */
  @Nullable StoreException passed() {
    long nanos = System.nanoTime();
    boolean whole = nanos - wholeNanos >= 0;
    if (!whole && nanos - progressNanos < phaseMillis() * 1_000_000) {
      return null;
    }
    if (phase == Phase.CONNECTING) {
      return CrtErrors.connectTimeout(route, limits.connect());
    }
    String problem =
        whole
            ? "the request took too long"
            : switch (phase) {
              case SENT -> "it did not answer within " + limits.firstByte() + " ms";
              case RECEIVING -> "it stopped sending for " + limits.stall() + " ms";
              default -> "no connection became free";
            };
    return new StoreException(
        TEMPORARY, "While " + what + " at " + route.endpoint().shown() + ", " + problem + ".");
  }
}
