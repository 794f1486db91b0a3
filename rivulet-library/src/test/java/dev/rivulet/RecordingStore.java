package dev.rivulet;

import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import dev.rivulet.store.StoreException;
import dev.rivulet.store.StoreException.Kind;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that remembers its requests, and that can be told to fail them, to cut their bodies, or
 * to hold them back until the test lets them go. Thread-safe.
 */
public final class RecordingStore implements ObjectStore {
  /**
   * A request that was made.
   *
   * @param kind {@code LIST}, {@code GET}, {@code PUT} or {@code DELETE}
   * @param what the key, or the prefix and where the listing starts
   * @param offset of a GET
   * @param length of a GET
   */
  public record Request(String kind, String what, long offset, long length) {}

  /**
   * A result and how many round trips it took: requests made at the same moment are one.
   *
   * @param value the result
   * @param rounds the longest chain of requests of which each began after the one before had ended
   */
  public record Rounds<T>(T value, int rounds) {}

  private final ObjectStore store;
  private final List<Request> requests = new ArrayList<>();
  private final Deque<Fault> faults = new ArrayDeque<>();
  private final List<Held> held = new ArrayList<>();
  private final List<Runnable> heldLists = new ArrayList<>();
  private Predicate<GetRequest> holding = request -> false;
  private boolean holdLists;
  private @Nullable Runnable beforeGet;
  private @Nullable Kind listFault;

  private record Fault(Predicate<GetRequest> on, Kind kind, long after) {}

  public RecordingStore(ObjectStore store) {
    this.store = store;
  }

  /** All requests since the last {@link #forget}. */
  public synchronized List<Request> requests() {
    return List.copyOf(requests);
  }

  public synchronized void forget() {
    requests.clear();
  }

  public int lists() {
    return count("LIST");
  }

  public int gets() {
    return count("GET");
  }

  private synchronized int count(String kind) {
    return (int) requests.stream().filter(r -> r.kind().equals(kind)).count();
  }

  /** Bytes asked for by GETs. */
  public synchronized long bytes() {
    return requests.stream().mapToLong(Request::length).sum();
  }

  /** Lets the next matching GET fail at once. */
  public synchronized void failNext(Predicate<GetRequest> on, Kind kind) {
    faults.add(new Fault(on, kind, 0));
  }

  /** Lets the next LIST fail. */
  public synchronized void failNextList(Kind kind) {
    listFault = kind;
  }

  /** Lets the next matching GET fail after so many bytes of its body. */
  public synchronized void cutNext(Predicate<GetRequest> on, long after) {
    faults.add(new Fault(on, Kind.TEMPORARY, after));
  }

  /** Holds matching GETs from now on. */
  public synchronized void hold(Predicate<GetRequest> which) {
    holding = which;
  }

  /** Whether LISTs are held from now on; those that were stay so. */
  public synchronized void holdLists(boolean hold) {
    holdLists = hold;
  }

  /** Runs something once, just before the next GET is looked at. */
  public synchronized void beforeNextGet(Runnable action) {
    beforeGet = action;
  }

  /** The GETs that are held. */
  public synchronized List<Held> held() {
    return List.copyOf(held);
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    synchronized (this) {
      requests.add(new Request("LIST", prefix + " after " + startAfter, 0, 0));
      Kind fault = listFault;
      if (fault != null) {
        listFault = null;
        return CompletableFuture.failedFuture(new StoreException(fault, "fault " + fault));
      }
      if (holdLists) {
        CompletableFuture<ListPage> result = new CompletableFuture<>();
        heldLists.add(() -> relay(store.list(prefix, startAfter, limit), result));
        return result;
      }
    }
    return store.list(prefix, startAfter, limit);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    Fault fault = null;
    Runnable before;
    synchronized (this) {
      before = beforeGet;
      beforeGet = null;
    }
    if (before != null) {
      before.run();
    }
    synchronized (this) {
      requests.add(
          new Request("GET", request.key(), request.range().offset(), request.range().length()));
      for (Fault f : faults) {
        if (f.on().test(request)) {
          fault = f;
          break;
        }
      }
      if (fault != null) {
        faults.remove(fault);
      } else if (holding.test(request)) {
        Held h = new Held(request, sink);
        held.add(h);
        return h.result;
      }
    }
    return fault == null ? store.get(request, sink) : fail(request, sink, fault);
  }

  private CompletableFuture<ObjectVersion> fail(GetRequest request, ByteSink sink, Fault fault) {
    if (fault.after() > 0) {
      byte[] body = body(request);
      sink.accept(body, 0, (int) Math.min(fault.after(), body.length));
    }
    return CompletableFuture.failedFuture(
        new StoreException(fault.kind(), "fault " + fault.kind() + " at " + request.key()));
  }

  private byte[] body(GetRequest request) {
    byte[] body = new byte[(int) request.range().length()];
    int[] filled = {0};
    store
        .get(
            request,
            (bytes, offset, length) -> {
              System.arraycopy(bytes, offset, body, filled[0], length);
              filled[0] += length;
            })
        .join();
    return body;
  }

  /** Runs an asynchronous job with each round of its requests answered together. */
  public <T> Rounds<T> rounds(Supplier<CompletableFuture<T>> job) {
    synchronized (this) {
      holding = request -> true;
      holdLists = true;
    }
    CompletableFuture<T> result = job.get();
    int rounds = 0;
    while (true) {
      List<Held> gets;
      List<Runnable> lists;
      synchronized (this) {
        gets = List.copyOf(held);
        lists = List.copyOf(heldLists);
        held.clear();
        heldLists.clear();
      }
      if (gets.isEmpty() && lists.isEmpty()) {
        break;
      }
      rounds++;
      gets.forEach(Held::finish);
      lists.forEach(Runnable::run);
    }
    synchronized (this) {
      holding = request -> false;
      holdLists = false;
    }
    return new Rounds<>(result.join(), rounds);
  }

  private static <T> void relay(CompletableFuture<T> from, CompletableFuture<T> to) {
    var _ =
        from.whenComplete((value, thrown) -> {
          if (thrown != null) {
            to.completeExceptionally(thrown);
          } else {
            to.complete(value);
          }
        });
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    synchronized (this) {
      requests.add(new Request("PUT", request.key(), 0, 0));
    }
    return store.put(request);
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    synchronized (this) {
      requests.add(new Request("DELETE", String.join(" ", keys), 0, 0));
    }
    return store.delete(keys);
  }

  @Override
  public void close() {
    store.close();
  }

  /** A GET that waits for the test. */
  public final class Held {
    private final GetRequest request;
    private final ByteSink sink;
    private final CompletableFuture<ObjectVersion> result = new CompletableFuture<>();
    private int delivered;

    Held(GetRequest request, ByteSink sink) {
      this.request = request;
      this.sink = sink;
    }

    public GetRequest request() {
      return request;
    }

    public boolean isCancelled() {
      return result.isCancelled();
    }

    /** Delivers the next so many bytes of the body. */
    public void deliver(int count) {
      byte[] body = body(request);
      sink.accept(body, delivered, count);
      delivered += count;
    }

    /** Delivers the rest and ends the request. */
    public void finish() {
      synchronized (RecordingStore.this) {
        held.remove(this);
      }
      if (delivered == 0) {
        relay(store.get(request, sink), result);
        return;
      }
      deliver((int) request.range().length() - delivered);
      result.complete(new ObjectVersion(request.ifMatch(), 0));
    }

    /** Ends the request with a failure. */
    public void fail(Kind kind) {
      synchronized (RecordingStore.this) {
        held.remove(this);
      }
      result.completeExceptionally(new StoreException(kind, "fault " + kind));
    }
  }
}
