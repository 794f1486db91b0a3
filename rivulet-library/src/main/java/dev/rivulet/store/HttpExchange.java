package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.io.ByteArrayOutputStream;
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
 * <p>The future completes once. After that the sink is not called any more, and what the exchange
 * holds is freed as soon as aws-crt lets go of it.
 */
final class HttpExchange implements HttpStreamBaseResponseHandler {
  /** Where the bytes of a successful answer go, if it is the one that was hoped for. */
  interface Target {
    /** Whether the body of this answer is wanted piece by piece; else it is collected. */
    boolean wants(ResponseHead head) throws StoreException;

    void accept(byte[] bytes);
  }

  /** An answer; the body is what the target did not take. */
  record Response(ResponseHead head, Body body) {}

  /** A collected body; never changed. */
  static final class Body {
    final byte[] bytes;

    Body(byte[] bytes) {
      this.bytes = bytes;
    }
  }

  /** 1,000 entries with keys of 1,024 bytes, each byte escaped by three, come to 4 MB. */
  private static final int MAX_COLLECTED = 8 << 20;

  private enum State {
    WAITING,
    CONNECTING,
    SENT,
    RECEIVING,
    OVER
  }

  private final CompletableFuture<Response> result =
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
  private final S3Endpoint endpoint;
  private final Slots slots;
  private final StoreLimits limits;
  private final HttpRequest request;
  private final @Nullable Target target;
  private final String what;
  private final long deadlineNanos;
  private final Runnable connect = this::connect;

  // Guarded by this.
  private State state = State.WAITING;
  private long progressNanos = System.nanoTime();
  private @Nullable HttpClientConnection connection;
  private @Nullable ScheduledFuture<?> timer;

  // Of the event loop's thread only.
  private @Nullable ResponseHead head;
  private boolean streaming;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream(0);

  HttpExchange(
      S3Route route,
      Slots slots,
      StoreLimits limits,
      HttpRequest request,
      @Nullable Target target,
      String what,
      long bytes) {
    this.route = route;
    endpoint = route.endpoint();
    this.slots = slots;
    this.limits = limits;
    this.request = request;
    this.target = target;
    this.what = what;
    deadlineNanos = System.nanoTime() + limits.requestMillis(bytes) * 1_000_000;
  }

  CompletableFuture<Response> start() {
    watch();
    slots.acquire(connect);
    return result;
  }

  /** On a slot of its own, which is given back when the connection is. */
  private void connect() {
    synchronized (this) {
      if (state == State.OVER) {
        slots.release();
        return;
      }
      state = State.CONNECTING;
      progressNanos = System.nanoTime();
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
      if (state != State.OVER) {
        connection = acquired;
        state = State.SENT;
        progressNanos = System.nanoTime();
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
    if (status < 200 || blockType != 0 || !progress(State.RECEIVING)) {
      return;
    }
    ResponseHead known = head;
    if (known == null) {
      known = new ResponseHead(status);
      head = known;
    }
    known.add(headers);
  }

  @Override
  public void onResponseHeadersDone(HttpStreamBase stream, int blockType) {
    ResponseHead known = head;
    if (known == null || target == null || blockType != 0) {
      return;
    }
    try {
      streaming = target.wants(known);
    } catch (Throwable e) {
      // Also errors: aws-crt would print them on stderr and tell us nothing.
      fail(StoreException.from(e));
    }
  }

  @Override
  public int onResponseBody(HttpStreamBase stream, byte[] bytes) {
    if (!progress(State.RECEIVING)) {
      return bytes.length;
    }
    try {
      if (streaming && target != null) {
        target.accept(bytes);
      } else if (collected.size() + bytes.length > MAX_COLLECTED) {
        fail(new StoreException(OTHER, "While " + what + ", the store's answer had no end."));
      } else {
        collected.write(bytes, 0, bytes.length);
      }
    } catch (Throwable e) {
      fail(StoreException.from(e));
    }
    return bytes.length;
  }

  @Override
  public void onResponseComplete(HttpStreamBase stream, int errorCode) {
    ResponseHead known = head;
    release(stream);
    if (errorCode != 0 || known == null) {
      fail(CrtErrors.underWay(endpoint, what, errorCode));
      return;
    }
    synchronized (this) {
      state = State.OVER;
      stopTimer();
    }
    result.complete(new Response(known, new Body(collected.toByteArray())));
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
  private synchronized boolean progress(State reached) {
    if (state == State.OVER) {
      return false;
    }
    state = reached;
    progressNanos = System.nanoTime();
    return true;
  }

  void fail(StoreException failure) {
    State before = end();
    // Before the connection is closed, which would be a failure of its own.
    result.completeExceptionally(failure);
    drop(before);
  }

  /** From here on the sink is not called; tells how far it was. */
  private synchronized State end() {
    State before = state;
    state = State.OVER;
    stopTimer();
    return before;
  }

  /** Gives up the place in the queue, or closes the connection: its answer is still to come. */
  private void drop(State before) {
    if (before == State.WAITING) {
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

  /** Sets the timer to the next moment at which some deadline could have passed. */
  private void watch() {
    synchronized (this) {
      if (state == State.OVER) {
        return;
      }
      stopTimer();
      long nanos = Math.min(deadlineNanos, progressNanos + stateMillis() * 1_000_000);
      long millis = (nanos - System.nanoTime()) / 1_000_000 + 1;
      timer = Timers.after(millis, this::check);
    }
  }

  private long stateMillis() {
    return switch (state) {
      // The queue is not the server's fault: only the deadline of the whole ends a wait for a slot.
      case WAITING, OVER -> limits.requestMillis(0);
      case CONNECTING -> limits.connect();
      case SENT -> limits.firstByte();
      case RECEIVING -> limits.stall();
    };
  }

  private void check() {
    State now;
    boolean whole;
    synchronized (this) {
      now = state;
      long nanos = System.nanoTime();
      whole = nanos - deadlineNanos >= 0;
      if (!whole && nanos - progressNanos < stateMillis() * 1_000_000) {
        now = null;
      }
    }
    if (now == null) {
      watch();
    } else if (now != State.OVER) {
      fail(late(now, whole));
    }
  }

  private StoreException late(State when, boolean whole) {
    if (when == State.CONNECTING) {
      return CrtErrors.connectTimeout(route, limits.connect());
    }
    String problem =
        whole
            ? "the request took too long"
            : when == State.SENT
                ? "it did not answer within " + limits.firstByte() + " ms"
                : when == State.RECEIVING
                    ? "it stopped sending for " + limits.stall() + " ms"
                    : "no connection became free";
    return new StoreException(
        TEMPORARY, "While " + what + " at " + endpoint.shown() + ", " + problem + ".");
  }
}
