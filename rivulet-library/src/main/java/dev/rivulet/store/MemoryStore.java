package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.CONFLICT;
import static dev.rivulet.store.StoreException.Kind.NOT_FOUND;
import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Objects in memory: the model that other stores are compared with, and the store of tests.
 *
 * <p>Every request is done when its method returns. ETags are never used twice.
 */
public final class MemoryStore implements ObjectStore {
  /** One version of an object; its bytes are never changed. */
  private static final class Item {
    final byte[] bytes;
    final String etag;
    final long modifiedMillis;
    final Map<String, String> meta;

    Item(byte[] bytes, String etag, long modifiedMillis, Map<String, String> meta) {
      this.bytes = bytes;
      this.etag = etag;
      this.modifiedMillis = modifiedMillis;
      this.meta = meta;
    }
  }

  private final NavigableMap<String, Item> items = new TreeMap<>(Keys.ORDER);
  private long writes;
  private boolean closed;

  private interface Work<T> {
    @Nullable T run() throws IOException;
  }

  private <T> CompletableFuture<T> done(Work<T> work) {
    try {
      return CompletableFuture.completedFuture(work.run());
    } catch (IOException | RuntimeException e) {
      return CompletableFuture.failedFuture(StoreException.from(e));
    }
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return done(() -> listNow(prefix, startAfter, limit));
  }

  private synchronized ListPage listNow(String prefix, String startAfter, int limit)
      throws StoreException {
    checkOpen();
    Keys.checkLimit(limit);
    boolean fromPrefix = Keys.ORDER.compare(prefix, startAfter) > 0;
    List<ObjectEntry> page = new ArrayList<>();
    for (Map.Entry<String, Item> e :
        items.tailMap(fromPrefix ? prefix : startAfter, fromPrefix).entrySet()) {
      if (!e.getKey().startsWith(prefix)) {
        break;
      }
      if (page.size() == limit) {
        return new ListPage(page, true);
      }
      Item item = e.getValue();
      page.add(new ObjectEntry(e.getKey(), item.bytes.length, item.etag, item.modifiedMillis));
    }
    return new ListPage(page, false);
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    return done(() -> {
      Keys.check(request.key());
      Item item = find(request.key());
      if (item == null) {
        throw missing(request.key());
      }
      if (!request.ifMatch().isEmpty() && !request.ifMatch().equals(item.etag)) {
        throw changed(request.key());
      }
      ByteRange range = request.range();
      if (range.end() > item.bytes.length) {
        throw beyond(request, item.bytes.length);
      }
      ObjectVersion version = new ObjectVersion(item.etag, item.bytes.length);
      sink.begin(version);
      sink.accept(item.bytes, (int) range.offset(), (int) range.length());
      return version;
    });
  }

  private synchronized @Nullable Item find(String key) throws StoreException {
    checkOpen();
    return items.get(key);
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    return done(() -> {
      Keys.check(request.key());
      byte[] bytes = read(request);
      return putNow(request, bytes);
    });
  }

  private static byte[] read(PutRequest request) throws IOException {
    try (InputStream in = request.content().open()) {
      byte[] bytes = in.readAllBytes();
      if (bytes.length != request.content().length()) {
        throw wrongLength(request, bytes.length);
      }
      return bytes;
    }
  }

  private synchronized ObjectVersion putNow(PutRequest request, byte[] bytes)
      throws StoreException {
    checkOpen();
    Item before = items.get(request.key());
    switch (request.condition()) {
      case PutRequest.Condition.Always always -> {}
      case PutRequest.Condition.IfAbsent absent -> {
        if (before != null) {
          throw exists(request.key());
        }
      }
      case PutRequest.Condition.IfMatch match -> {
        if (before == null || !before.etag.equals(match.etag())) {
          throw changed(request.key());
        }
      }
    }
    Item item = new Item(bytes, "m" + ++writes, System.currentTimeMillis(), request.metadata());
    items.put(request.key(), item);
    return new ObjectVersion(item.etag, bytes.length);
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    return done(() -> {
      for (String key : keys) {
        Keys.check(key);
      }
      synchronized (this) {
        checkOpen();
        for (String key : keys) {
          items.remove(key);
        }
      }
      return null;
    });
  }

  /** The user metadata of an object. */
  public synchronized Map<String, String> metadata(String key) {
    Item item = items.get(key);
    return item == null ? Map.of() : item.meta;
  }

  @Override
  public synchronized void close() {
    closed = true;
    items.clear();
  }

  private void checkOpen() throws StoreException {
    if (closed) {
      throw closed();
    }
  }

  // The sentences that the stores have in common.

  static StoreException missing(String key) {
    return new StoreException(NOT_FOUND, "There is no object " + key + ".");
  }

  static StoreException changed(String key) {
    return new StoreException(
        CONFLICT, "Object " + key + " is not the version that was asked for.");
  }

  static StoreException exists(String key) {
    return new StoreException(CONFLICT, "Object " + key + " exists already.");
  }

  static StoreException beyond(GetRequest request, long size) {
    return new StoreException(
        OTHER,
        "Bytes "
            + request.range().offset()
            + " to "
            + request.range().end()
            + " of object "
            + request.key()
            + " were asked for, but it has "
            + (size < 0 ? "fewer" : size)
            + ".");
  }

  static StoreException wrongLength(PutRequest request, long got) {
    return new StoreException(
        OTHER,
        "The content for object "
            + request.key()
            + " has "
            + got
            + " bytes instead of "
            + request.content().length()
            + ".");
  }

  static StoreException closed() {
    return new StoreException(OTHER, "The store has been closed.");
  }
}
