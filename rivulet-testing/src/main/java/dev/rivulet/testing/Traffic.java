package dev.rivulet.testing;

import dev.rivulet.testing.Exchange.Kind;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The requests between two resets of a {@link DelayProxy}, in the order in which they began.
 * Requests that still run are among them.
 */
public record Traffic(List<Exchange> exchanges) {

  public Traffic {
    exchanges = List.copyOf(exchanges);
  }

  public int requests() {
    return exchanges.size();
  }

  public int count(Kind kind) {
    return (int) exchanges.stream().filter(e -> e.kind() == kind).count();
  }

  /** Bytes of all bodies, both ways; heads do not count. */
  public long bytes() {
    return exchanges.stream().mapToLong(e -> e.requestBytes() + e.responseBytes()).sum();
  }

  /**
   * Round trips in sequence: the length of the longest chain of requests of which each began after
   * the one before had ended.
   *
   * <p>Taking, again and again, the request that ends first among those that began after the last
   * one taken is the longest such chain (interval scheduling). A request without an end can only be
   * the last of a chain.
   */
  public int inSequence() {
    List<Exchange> byEnd =
        exchanges.stream()
            .sorted(Comparator.comparingLong(e -> e.end().orElse(Long.MAX_VALUE)))
            .toList();
    int length = 0;
    long end = Long.MIN_VALUE;
    for (Exchange e : byEnd) {
      if (e.start() >= end) {
        length++;
        end = e.end().orElse(Long.MAX_VALUE);
      }
    }
    return length;
  }

  /** The largest number of requests that were under way at one moment. */
  public int mostAtOnce() {
    int most = 0;
    for (Exchange at : exchanges) {
      long now = at.start();
      int open = 0;
      for (Exchange e : exchanges) {
        if (e.start() <= now && e.end().orElse(Long.MAX_VALUE) > now) {
          open++;
        }
      }
      most = Math.max(most, open);
    }
    return most;
  }

  /** Every request on a line of its own. */
  public String trace() {
    return exchanges.stream().map(Exchange::toString).collect(Collectors.joining("\n"));
  }

  @Override
  public String toString() {
    return "%d LIST, %d GET, %d other requests, %d bytes, %d in sequence"
        .formatted(
            count(Kind.LIST),
            count(Kind.GET),
            requests() - count(Kind.LIST) - count(Kind.GET),
            bytes(),
            inSequence());
  }
}
