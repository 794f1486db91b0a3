package dev.rivulet.store;

import static dev.rivulet.store.Deadlines.Phase.CONNECTING;
import static dev.rivulet.store.Deadlines.Phase.OVER;
import static dev.rivulet.store.Deadlines.Phase.RECEIVING;
import static dev.rivulet.store.Deadlines.Phase.SENT;
import static dev.rivulet.store.Deadlines.Phase.WAITING;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import dev.rivulet.store.Deadlines.Phase;
import dev.rivulet.store.HttpResponse.Target;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.http.HttpClientConnection;
import software.amazon.awssdk.crt.http.HttpHeader;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.http.HttpStreamBase;
import software.amazon.awssdk.crt.http.HttpStreamBaseResponseHandler;

/**
 * One signed HTTP request on its way: a slot, a connection, the answer; with every deadline, and a
 * cancellation that closes the connection within milliseconds.
 *
 * <p>The future completes once. After that the target is not called any more, and what the exchange
 * holds is freed as soon as aws-crt lets go of it. Thread-safe.
 */
final class HttpExchange implements HttpStreamBaseResponseHandler {
  private final CompletableFuture<HttpResponse> result =
      new CompletableFuture<>() {
        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
          boolean cancelled = super.cancel(mayInterruptIfRunning);
          if (cancelled) {
            drop(end());
          }
          return cancelled;
        }
      };

  private final S3Route route;
  private final Slots slots;
  private final HttpRequest request;
  private final @Nullable Target target;
  private final String what;
  private final Runnable connect = this::connect;

  // Guarded by this.
  private final Deadlines deadlines;
  private @Nullable HttpClientConnection connection;
  private @Nullable ScheduledFuture<?> timer;

  /** When the timer is due, if there is one, as {@link System#nanoTime}. */
  private long timerNanos;

  /** Of the event loop's thread only. */
  private @Nullable HttpResponse response;

  HttpExchange(
      S3Route route,
      Slots slots,
      StoreLimits limits,
      HttpRequest request,
      @Nullable Target target,
      String what,
      long bytes) {
    this.route = route;
    this.slots = slots;
    this.request = request;
    this.target = target;
    this.what = what;
    deadlines = new Deadlines(route, limits, what, bytes);
  }

  CompletableFuture<HttpResponse> start() {
    slots.acquire(connect);
    watch();
    return result;
  }

  /** On a slot of its own, which is given back when the connection is. */
  private void connect() {
    synchronized (this) {
      if (deadlines.phase() == OVER) {
        slots.release();
        return;
      }
      deadlines.reach(CONNECTING);
    }
    watch();
    try {
      var unused = route.connections().acquireConnection().whenComplete(this::connected);
    } catch (RuntimeException e) {
      slots.release();
      fail(MemoryStore.closed());
    }
  }

  private void connected(@Nullable HttpClientConnection acquired, @Nullable Throwable failure) {
    if (acquired == null) {
      slots.release();
      fail(CrtErrors.connecting(route, failure));
      return;
    }
    route.meet();
    synchronized (this) {
      if (deadlines.phase() != OVER) {
        connection = acquired;
        deadlines.reach(SENT);
      }
    }
    if (connection == null) {
      acquired.close();
      slots.release();
      return;
    }
    watch();
    try {
      // The stream's Java object is closed by onResponseComplete, which always comes.
      acquired.makeRequest(request, (HttpStreamBaseResponseHandler) this).activate();
    } catch (RuntimeException e) {
      release(null);
      fail(new StoreException(TEMPORARY, "While " + what + ", the connection was lost.", e));
    }
  }

  @Override
  public void onResponseHeaders(
      HttpStreamBase stream, int status, int blockType, HttpHeader[] headers) {
    // 100 Continue is not the answer yet, and trailers are not ours.
    if (status < 200 || blockType != 0 || !receiving()) {
      return;
    }
    HttpResponse known = response;
    if (known == null) {
      known = new HttpResponse(status, target, what);
      response = known;
    }
    known.head().add(headers);
  }

  @Override
  public void onResponseHeadersDone(HttpStreamBase stream, int blockType) {
    HttpResponse known = response;
    if (known == null || blockType != 0) {
      return;
    }
    try {
      known.headDone();
    } catch (Throwable e) {
      // Also errors: aws-crt would print them on stderr and tell us nothing.
      fail(StoreException.from(e));
    }
  }

  @Override
  public int onResponseBody(HttpStreamBase stream, byte[] bytes) {
    HttpResponse known = response;
    if (known == null || !receiving()) {
      return bytes.length;
    }
    try {
      known.add(bytes);
    } catch (Throwable e) {
      fail(StoreException.from(e));
    }
    return bytes.length;
  }

  @Override
  public void onResponseComplete(HttpStreamBase stream, int errorCode) {
    HttpResponse known = response;
    release(stream);
    if (errorCode != 0 || known == null) {
      fail(CrtErrors.underWay(route.endpoint(), what, errorCode));
      return;
    }
    end();
    result.complete(known);
  }

  private void release(@Nullable HttpStreamBase stream) {
    HttpClientConnection held;
    synchronized (this) {
      held = connection;
      connection = null;
    }
    if (stream != null) {
      stream.close();
    }
    if (held != null) {
      held.close();
      slots.release();
    }
  }

  /** Notes that something has arrived; false if nobody waits for it any more. */
  private synchronized boolean receiving() {
    if (deadlines.phase() == OVER) {
      return false;
    }
    deadlines.reach(RECEIVING);
    return true;
  }

  void fail(StoreException failure) {
    Phase before = end();
    // Before the connection is closed, which would be a failure of its own.
    result.completeExceptionally(failure);
    drop(before);
  }

  /** From here on the target is not called; tells how far it was. */
  private synchronized Phase end() {
    Phase before = deadlines.phase();
    deadlines.reach(OVER);
    stopTimer();
    return before;
  }

  /** Gives up the place in the queue, or closes the connection: its answer is still to come. */
  private void drop(Phase before) {
    if (before == WAITING) {
      slots.cancel(connect);
    }
    synchronized (this) {
      if (connection != null) {
        connection.shutdown();
      }
    }
  }

  private void stopTimer() {
    ScheduledFuture<?> running = timer;
    if (running != null) {
      running.cancel(false);
      timer = null;
    }
  }

  /**
   * Sets the timer to the next moment at which some deadline could have passed, unless it is due
   * before: then that is looked at, and it is set anew. Most requests end before any deadline, with
   * the one timer that they began with.
   */
  private synchronized void watch() {
    if (deadlines.phase() == OVER) {
      return;
    }
    long millis = deadlines.millisLeft();
    long due = System.nanoTime() + millis * 1_000_000;
    if (timer == null || due - timerNanos < 0) {
      stopTimer();
      timerNanos = due;
      timer = Timers.after(millis, this::check);
    }
  }

  private void check() {
    StoreException late;
    synchronized (this) {
      timer = null;
      if (deadlines.phase() == OVER) {
        return;
      }
      late = deadlines.passed();
    }
    if (late == null) {
      watch();
    } else {
      fail(late);
    }
  }
}
