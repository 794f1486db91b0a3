package dev.rivulet.page;

import java.util.List;

/** How much to fetch ahead: everything follows from the measured network and the cache's size. */
final class FetchCosts {
  /**
   * What a small request costs in processor time, at both ends of the line: 2 to 2.5 ms measured
   * with client, proxy and server on one machine of two cores, half of it here.
   */
  private static final double REQUEST_SECONDS = 0.0025;

  private static final long MOST_AHEAD = 16 * 1024 * 1024;

  private final NetworkModel network;
  private final long cacheBudget;

  FetchCosts(NetworkModel network, long cacheBudget) {
    this.network = network;
    this.cacheBudget = cacheBudget;
  }

  /** What a wait for one more round trip is worth, in bytes. */
  long roundTrip() {
    return network.roundTripBytes();
  }

  /**
   * The neighbours of a first miss: a 24th of the wait, 90 kB at 25 ms and 85 MB/s, 16 kB at 4 ms.
   */
  long least() {
    return Math.clamp(network.roundTripBytes() / 24, 16 * 1024, 96 * 1024);
  }

  /** All places of the fetcher busy with pieces, but never more than a quarter of the cache. */
  long most() {
    return Math.min(Fetcher.PARALLEL * piece(), cacheBudget / 4);
  }

  /**
   * How far to look ahead of a reader at most, in bytes of pages, of which well compressed ones
   * have many times those of their frames: half of the cache is for all readers together, or pages
   * would be gone when they come; an eighth for any. And no further than SQLite goes in 20 ms, at 5
   * µs or more for each page: where nothing needs to be fetched, what is missing behind still is
   * asked for in time.
   *
   * @param others bytes of pages that lie ahead of the others
   */
  long mostAhead(long others) {
    return Math.min(MOST_AHEAD, Math.max(cacheBudget / 2 - others, cacheBudget / 8));
  }

  /** How many small requests at once are worth a wait saved: 10 at 25 ms, 1 at 4 ms. */
  int requestsForAWait() {
    return (int) (network.latencySeconds() / REQUEST_SECONDS);
  }

  /** Whether so many bytes of pages can all be in the cache. */
  boolean fitsCache(long bytes) {
    return bytes <= cacheBudget;
  }

  /** What ranges cost: their bytes, and what the requests cost in bytes. */
  long of(List<RangePlanner.Range> ranges) {
    long cost = ofRequests(ranges.size());
    for (RangePlanner.Range range : ranges) {
      cost += range.bytes();
    }
    return cost;
  }

  /** What it costs in bytes to ask for ranges. */
  long ofRequests(int count) {
    return count * gap();
  }

  /**
   * What a tree may cost that is fetched whole for {@code waits} lookups all over it, if half of
   * the cache or of the disk's room can hold it.
   */
  long tree(int waits, long diskRoom) {
    return Math.min(waits * network.roundTripBytes(), Math.max(cacheBudget, diskRoom) / 2);
  }

  /**
   * What a tree may cost that is fetched whole for who reads all of it: three quarters of the
   * cache, for each page is done with when he has passed it.
   */
  long largestTree() {
    return cacheBudget / 4 * 3;
  }

  /** A range whose transfer takes as long as its first byte: half of the line's speed, times 16. */
  long piece() {
    return Math.clamp(network.roundTripBytes(), 256 * 1024, 1024 * 1024);
  }

  /**
   * Bytes worth reading in vain to save a request. A request occupies one of 16 places for a round
   * trip, which is worth a sixteenth of a round trip's bytes (130 kB far, 21 kB near); half of
   * that, for the line may not be ours alone.
   */
  long gap() {
    return Math.max(4 * 1024, network.roundTripBytes() / Fetcher.PARALLEL / 2);
  }

  /**
   * The same of a scan, which has windows of megabytes under way and waits for no single request:
   * there a request costs the processor time of 200 kB (its 1.2 ms here; a megabyte that is
   * received and put aside takes 6), a third of that. On a near store a sum over three tables that
   * lie interleaved takes 0.79 s and 140 GETs with this, 0.83 s and 170 with {@link #gap}.
   */
  long scanGap() {
    return Math.max(64 * 1024, gap());
  }
}
