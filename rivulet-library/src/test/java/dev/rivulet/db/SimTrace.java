package dev.rivulet.db;

import java.util.ArrayDeque;
import java.util.Deque;

/** The last things that happened in a simulation; kept only when a failing seed is played again. */
final class SimTrace {
  /** As many as a screen shows, if nobody wants more. */
  private static final int KEPT = Integer.getInteger("rivulet.simulation.trace", 60);

  /** Whether anybody listens; who would have to build a text asks first. */
  final boolean on;

  private final SimClock clock;
  private final Deque<String> last = new ArrayDeque<>();

  SimTrace(boolean on, SimClock clock) {
    this.on = on;
    this.clock = clock;
  }

  void add(String text) {
    if (on) {
      if (last.size() == KEPT) {
        last.removeFirst();
      }
      last.addLast("%10.3f s  %s".formatted(clock.elapsedMillis() / 1000.0, text));
    }
  }

  /** Oldest first, one a line. */
  String text() {
    return String.join("\n", last);
  }
}
