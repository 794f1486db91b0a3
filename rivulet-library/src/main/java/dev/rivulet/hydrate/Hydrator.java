package dev.rivulet.hydrate;

import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.page.View;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** Fills a hydrated file with what it lacks of its newest view. Used by one thread at a time. */
public final class Hydrator {
  /**
   * About the largest range: at 85 MB/s a stream carries it in twice the time of a round trip of 25
   * ms, so that more bytes would gain little, and a database of 100 MB is 30 requests at most.
   */
  static final int PIECE = 4 * 1024 * 1024;

  /** Under a bandwidth cap a range is a quarter of a second, or this. */
  private static final int LEAST_PIECE = 64 * 1024;

  /** Ranges at once: sixteen streams of 85 MB/s fill a line of 10 Gbit/s. */
  private static final int PARALLEL = 16;

  /** How soon the end is seen. */
  private static final int POLL_MILLIS = 50;

  private final ReplicaPages pages;
  private final long bytesPerSecond;
  private final BooleanSupplier over;
  private final Runnable meanwhile;

  /** Until when the bandwidth is used up, as {@link System#nanoTime}. */
  private long paidUntil = System.nanoTime();

  /**
   * A hydrator.
   *
   * @param bytesPerSecond most to be read from the store; 0 is no limit
   * @param over whether to end
   * @param meanwhile what to do now and then during a round
   */
  public Hydrator(
      ReplicaPages pages, long bytesPerSecond, BooleanSupplier over, Runnable meanwhile) {
    this.meanwhile = meanwhile;
    this.pages = pages;
    this.bytesPerSecond = bytesPerSecond;
    this.over = over;
  }

  /**
   * Fetches once what is missing, and waits until all of that has come; then looks at what was
   * kept, of which more may turn out to be missing. In this order, for queries look at what they
   * need themselves.
   *
   * @throws StaleFileException if a file is gone or replaced: look at the store again
   * @throws DamagedFileException if a frame does not decode, or a file that was read whole has
   *     another checksum than it says, now or before; everything else was put in
   * @throws LocalFileException if the local file cannot be written
   * @throws StoreException if the store failed
   * @throws InterruptedIOException if it is over
   */
  public void round(HydratedFile hydrated) throws IOException {
    View view = hydrated.view();
    int lineage = hydrated.lineage();
    long piece =
        bytesPerSecond == 0 ? PIECE : Math.clamp(bytesPerSecond / 4, LEAST_PIECE, (long) PIECE);
    MissingRanges missing = new MissingRanges(hydrated, view, lineage, piece);
    Semaphore places = new Semaphore(PARALLEL);
    AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    Set<RangeFill> underWay = ConcurrentHashMap.newKeySet();
    try {
      MissingRanges.Range range = next(missing);
      while (range != null && !isFinal(failure.get())) {
        boolean whole = isWhole(range);
        pay(whole ? range.file().file().size() : range.bytes());
        meanwhile.run();
        while (!acquire(places, 1)) {
          checkOver();
          meanwhile.run();
        }
        RangeFill fill;
        try {
          fill = RangeFill.start(pages, hydrated, view, lineage, range, whole);
        } catch (RuntimeException | Error e) {
          places.release(); // no memory, most likely; and nothing is under way that would end
          throw e;
        }
        underWay.add(fill);
        var unused =
            fill.done()
                .whenComplete((ok, thrown) -> {
                  if (thrown != null) {
                    failure.accumulateAndGet(thrown, Hydrator::worse);
                  }
                  underWay.remove(fill);
                  places.release();
                });
        range = next(missing);
      }
    } finally {
      while (!acquire(places, PARALLEL)) {
        meanwhile.run();
        if (over.getAsBoolean()) {
          underWay.forEach(RangeFill::cancel);
        }
      }
      hydrated.roundEnded();
    }
    Throwable thrown = failure.get();
    if (thrown != null) {
      throw typed(thrown);
    }
    hydrated.verifyKept(over);
    hydrated.checkRefused();
  }

  private static MissingRanges.@Nullable Range next(MissingRanges missing)
      throws LocalFileException {
    try {
      return missing.next();
    } catch (IOException e) {
      throw new LocalFileException(e);
    }
  }

  /** Of a file that is hardly longer than what is wanted of it everything is read, and verified. */
  private static boolean isWhole(MissingRanges.Range range) {
    IndexedFile file = range.file();
    long size = file.file().size();
    return size <= PIECE && size - range.bytes() <= MissingRanges.GAP;
  }

  /** Of two failures the one that matters more: a damaged frame is the least. */
  private static @Nullable Throwable worse(@Nullable Throwable a, @Nullable Throwable b) {
    return a == null || (b != null && !isFinal(a)) ? b : a;
  }

  /** Whether there is no use in going on with this round. */
  private static boolean isFinal(@Nullable Throwable thrown) {
    return thrown != null && !(typed(thrown) instanceof DamagedFileException);
  }

  private static IOException typed(Throwable thrown) {
    for (Throwable t = thrown; t != null; t = t.getCause()) {
      if (t instanceof StaleFileException
          || t instanceof DamagedFileException
          || t instanceof LocalFileException) {
        return (IOException) t;
      }
    }
    return StoreException.from(thrown);
  }

  /** What is under way must have ended before anything else, so no interrupt ends this wait. */
  private static boolean acquire(Semaphore places, int count) {
    try {
      return places.tryAcquire(count, POLL_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return false; // nobody interrupts it but who ends the process
    }
  }

  private void checkOver() throws InterruptedIOException {
    if (over.getAsBoolean()) {
      throw new InterruptedIOException("hydration was ended");
    }
  }

  /** Waits until the bandwidth allows for so many bytes more. */
  private void pay(long bytes) throws InterruptedIOException {
    checkOver();
    if (bytesPerSecond == 0) {
      return;
    }
    long now = System.nanoTime();
    while (paidUntil - now > 0) {
      try {
        TimeUnit.NANOSECONDS.sleep(
            Math.min(paidUntil - now, TimeUnit.MILLISECONDS.toNanos(POLL_MILLIS)));
      } catch (InterruptedException e) {
        throw new InterruptedIOException("hydration was ended");
      }
      checkOver();
      now = System.nanoTime();
    }
    paidUntil = now + (long) (bytes * 1e9 / bytesPerSecond);
  }
}
