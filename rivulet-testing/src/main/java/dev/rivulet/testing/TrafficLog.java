package dev.rivulet.testing;

import dev.rivulet.testing.Exchange.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/** The requests since one reset. Thread-safe; each entry is written by its connection's thread. */
final class TrafficLog {

  private static final long NOT_YET = -1;

  private final long origin = System.nanoTime();
  private final List<Entry> entries = new ArrayList<>();

  synchronized Entry begin(Kind kind, String key, @Nullable String range) {
    Entry entry = new Entry(kind, key, range, now());
    entries.add(entry);
    return entry;
  }

  synchronized Traffic traffic() {
    return new Traffic(entries.stream().map(Entry::toExchange).toList());
  }

  private long now() {
    return System.nanoTime() - origin;
  }

  private static OptionalLong optional(long time) {
    return time == NOT_YET ? OptionalLong.empty() : OptionalLong.of(time);
  }

  /** A request that is under way. */
  final class Entry {
    private final Kind kind;
    private final String key;
    private final @Nullable String range;
    private final long start;
    private volatile long requestBytes;
    private volatile long responseBytes;
    private volatile int status;
    private volatile long firstByte = NOT_YET;
    private volatile long end = NOT_YET;

    private Entry(Kind kind, String key, @Nullable String range, long start) {
      this.kind = kind;
      this.key = key;
      this.range = range;
      this.start = start;
    }

    void sent(long requestBytes) {
      this.requestBytes = requestBytes;
    }

    void answered(int status) {
      this.status = status;
      firstByte = now();
    }

    void received(long responseBytes) {
      this.responseBytes = responseBytes;
    }

    void ended() {
      end = now();
    }

    private Exchange toExchange() {
      return new Exchange(
          kind,
          key,
          range,
          status,
          requestBytes,
          responseBytes,
          start,
          optional(firstByte),
          optional(end));
    }
  }
}
