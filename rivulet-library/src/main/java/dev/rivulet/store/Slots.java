package dev.rivulet.store;

import java.util.ArrayDeque;

/** A fair, asynchronous semaphore: who finds no slot free is called when there is one. */
final class Slots {
  private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
  private int free;

  Slots(int count) {
    free = count;
  }

  /** Calls {@code start} once a slot is its; at once on this thread if one is free. */
  void acquire(Runnable start) {
    synchronized (this) {
      if (free == 0) {
        waiting.add(start);
        return;
      }
      free--;
    }
    start.run();
  }

  /** Gives up waiting; false if {@code start} has been called, or will be. */
  synchronized boolean cancel(Runnable start) {
    return waiting.remove(start);
  }

  void release() {
    Runnable next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        free++;
        return;
      }
    }
    next.run();
  }
}
