package dev.rivulet.db;

import dev.rivulet.natives.Publication;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Looks into the store for the newest state of a replica, and publishes it.
 *
 * <p>Thread-safe. What is published is in one volatile field, which only whoever holds the planning
 * lock changes: one looks at a time, and readers need no lock. A state is admitted to the local
 * file before it is published, and {@link #publication} goes on after that. A look that fails
 * changes nothing that is published; the follower is told how each went.
 */
final class Publisher {
  private final Follower follower;
  private final HydrationSlot hydration;
  private final Travel travel;
  private final Clock clock;

  private final ReentrantLock planning = new ReentrantLock();

  /** Guarded by {@code planning}. */
  private final Poller poller;

  private volatile @Nullable Published published;

  /** Goes on after whatever a beginning transaction would look at has changed. */
  private final Publication publication = new Publication();

  /**
   * Nothing is published yet.
   *
   * @param poller used by nobody else
   */
  Publisher(Poller poller, Follower follower, HydrationSlot hydration, Travel travel, Clock clock) {
    this.poller = poller;
    this.follower = follower;
    this.hydration = hydration;
    this.travel = travel;
    this.clock = clock;
  }

  Publication publication() {
    return publication;
  }

  /** What is published now; null if nobody has looked yet. */
  @Nullable Published published() {
    return published;
  }

  /** What is published now, where somebody certainly has looked. */
  Published newest() {
    Published p = published;
    if (p == null) {
      throw new IllegalStateException("no session was ever opened");
    }
    return p;
  }

  /** Whether the replica is known to have another history now. */
  boolean isReplacedSince(int lineage) {
    Published p = published;
    return p != null && p.lineage() != lineage;
  }

  /** As {@link Poller#planError}. */
  @Nullable String planError() {
    return poller.planError();
  }

  /** Files of the replica as far as they are known. */
  List<LtxFile> listed() {
    planning.lock();
    try {
      List<LtxFile> files = new ArrayList<>(newest().view().plan().files());
      files.addAll(poller.takeListed());
      return files;
    } finally {
      planning.unlock();
    }
  }

  /** Looks for newer transactions now, and returns what is newest then. */
  Published poll(BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      return pollLocked(true, interrupted);
    } finally {
      planning.unlock();
    }
  }

  /** What is newest in the store now, whether anybody has asked before or not. */
  Published refresh(BooleanSupplier interrupted) throws IOException {
    return published == null ? planAgain(null, interrupted) : poll(interrupted);
  }

  /** Polls unless somebody else has begun to since; a failure is the follower's to tell. */
  void pollIfOlder(long since, BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      if (follower.schedule().lastPollNanos() - since < 0) {
        // While nobody read nothing was planned, and files of the old plan may be gone.
        pollLocked(true, interrupted);
      }
    } catch (InterruptedIOException e) {
      throw e;
    } catch (IOException e) {
      // It was noted by pollLocked: the lag says so, and what is published is still a true state.
      return;
    } finally {
      planning.unlock();
    }
  }

  /** The follower's poll: without connections or readers it asks for as little as can be. */
  void pollInBackground(BooleanSupplier over) throws IOException {
    Waits.lock(planning, over);
    try {
      if (!over.getAsBoolean()) {
        pollLocked(!follower.schedule().isPause(clock.nanos()), over);
      }
    } finally {
      planning.unlock();
    }
  }

  private Published pollLocked(boolean mayPlan, BooleanSupplier interrupted) throws IOException {
    Published current = newest();
    return look(() -> poller.poll(current, mayPlan, interrupted), interrupted);
  }

  /**
   * Plans from the store and publishes the newest view, unless somebody else published another
   * while this call waited.
   *
   * @param seen what the caller found wanting
   */
  Published planAgain(@Nullable Published seen, BooleanSupplier interrupted) throws IOException {
    Waits.lock(planning, interrupted);
    try {
      Published current = published;
      if (current != null && !current.is(seen)) {
        return current;
      }
      return look(
          () -> current == null ? poller.open(interrupted) : poller.plan(current, interrupted),
          interrupted);
    } finally {
      planning.unlock();
    }
  }

  private interface Look {
    Published look() throws IOException;
  }

  /** Publishes what a look at the store finds, and notes how that went. */
  private Published look(Look look, BooleanSupplier interrupted) throws IOException {
    long begun = clock.nanos();
    follower.schedule().polling(begun);
    Published next;
    try {
      next = look.look();
    } catch (InterruptedIOException e) {
      throw e; // the reader's wish, and no fault of the store
    } catch (IOException e) {
      if (interrupted.getAsBoolean()) {
        // Who closes the store takes the requests away from whom he has told to end.
        throw new InterruptedIOException("given up: " + e.getMessage());
      }
      if (published != null) {
        follower.failed(e);
      }
      throw e;
    } finally {
      follower.reschedule();
    }
    follower.succeeded(begun);
    Published before = published;
    if (!next.is(before)) {
      hydration.admit(next);
      published = next;
      publication.next();
      if (before != null && next.lineage() != before.lineage()) {
        travel.forget();
      }
    }
    return next;
  }
}
