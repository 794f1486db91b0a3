package dev.rivulet.db;

import dev.rivulet.store.ByteSink;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ListPage;
import dev.rivulet.store.ObjectEntry;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.ObjectVersion;
import dev.rivulet.store.PutRequest;
import dev.rivulet.store.StoreException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The simulated store. Every request has ended when it returns, so nothing needs a thread; others
 * act before it looks at the objects, and between that and its answer: whatever can happen between
 * two requests, or while one is under way, happens there.
 *
 * <p>It keeps what {@link ObjectStore} promises and not more: listings have small pages, answers
 * are as old as their request, requests fail.
 */
final class SimStore implements ObjectStore {
  /** One version of an object. */
  private static final class Stored {
    final byte[] bytes;
    final Supplier<byte[]> damaged;
    final String etag;
    final long millis;

    Stored(byte[] bytes, Supplier<byte[]> damaged, String etag, long millis) {
      this.bytes = bytes;
      this.damaged = damaged;
      this.etag = etag;
      this.millis = millis;
    }
  }

  private final TreeMap<String, Stored> objects = new TreeMap<>();
  private final SimProfile profile;
  private final SimClock clock;
  private final SimTrace trace;
  private final SplittableRandom random;
  private Runnable others = () -> {};
  private boolean forged;
  private BooleanSupplier damages = () -> false;

  /** Nothing fails, and nobody else acts. */
  private boolean quiet;

  private long tags;

  /** What happened so far: who sees an error looks whether there was a reason. */
  private long faults;

  private long gets;
  private long deletions;
  private long deletedMillis;
  private boolean wasEmpty;

  SimStore(SimProfile profile, SimClock clock, SimTrace trace, SplittableRandom random) {
    this.profile = profile;
    this.clock = clock;
    this.trace = trace;
    this.random = random;
  }

  /** What others may do while a request is under way. */
  void others(Runnable others) {
    this.others = others;
  }

  /** What is damaged has the right checksum, as if nobody looked at it. */
  void forge() {
    forged = true;
  }

  boolean isForged() {
    return forged;
  }

  /** Asked whether the body of a whole object is damaged on its way. */
  void damages(BooleanSupplier damages) {
    this.damages = damages;
  }

  void quiet(boolean on) {
    quiet = on;
  }

  long faults() {
    return faults;
  }

  /** Requests for objects so far. */
  long gets() {
    return gets;
  }

  long deletions() {
    return deletions;
  }

  /** When something was deleted or replaced last. */
  long deletedMillis() {
    return deletedMillis;
  }

  /** Whether there were no objects at some time since this was asked last. */
  boolean wasEmpty() {
    boolean was = wasEmpty;
    wasEmpty = objects.isEmpty();
    return was;
  }

  // What the actors of the simulation do, which takes no request.

  /**
   * Writes an object.
   *
   * @param damaged as long as that
   */
  void write(String key, byte[] bytes, Supplier<byte[]> damaged) {
    String tag = profile.contentTags() ? Integer.toHexString(Arrays.hashCode(bytes)) : "v" + ++tags;
    Stored before = objects.put(key, new Stored(bytes, damaged, tag, clock.millis()));
    if (before != null && !before.etag.equals(tag)) {
      lost();
    }
  }

  void remove(String key) {
    if (objects.remove(key) != null) {
      lost();
      wasEmpty |= objects.isEmpty();
    }
  }

  private void lost() {
    deletions++;
    deletedMillis = clock.millis();
  }

  /** What is there with a prefix, in order of keys. */
  List<ObjectEntry> entries(String prefix) {
    List<ObjectEntry> entries = new ArrayList<>();
    for (Map.Entry<String, Stored> e : objects.tailMap(prefix, true).entrySet()) {
      if (!e.getKey().startsWith(prefix)) {
        break;
      }
      entries.add(entry(e.getKey(), e.getValue()));
    }
    return entries;
  }

  private static ObjectEntry entry(String key, Stored object) {
    return new ObjectEntry(key, object.bytes.length, object.etag, object.millis);
  }

  // What the code under test asks for.

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    act();
    if (fails()) {
      return failed(StoreException.Kind.TEMPORARY, "LIST " + prefix + " fails");
    }
    int most = Math.min(limit, profile.pageLimit());
    List<ObjectEntry> page = new ArrayList<>();
    boolean truncated = false;
    boolean after = startAfter.compareTo(prefix) >= 0;
    for (Map.Entry<String, Stored> e :
        objects.tailMap(after ? startAfter : prefix, !after).entrySet()) {
      if (!e.getKey().startsWith(prefix)) {
        break;
      }
      if (page.size() == most) {
        truncated = true;
        break;
      }
      page.add(entry(e.getKey(), e.getValue()));
    }
    if (trace.on) {
      trace.add("  LIST " + prefix + " after \"" + startAfter + "\": " + page.size());
    }
    act();
    return CompletableFuture.completedFuture(new ListPage(page, truncated));
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink) {
    gets++;
    act();
    String key = request.key();
    Stored object = objects.get(key);
    if (trace.on) {
      String found = object == null ? "gone" : object.etag.equals(request.ifMatch()) ? "" : "other";
      trace.add("  GET " + key + " " + found);
    }
    if (object == null) {
      return failed(StoreException.Kind.NOT_FOUND, "there is no " + key);
    }
    if (!request.ifMatch().isEmpty() && !request.ifMatch().equals(object.etag)) {
      return failed(StoreException.Kind.CONFLICT, key + " is another version");
    }
    long end = request.range().end();
    if (end > object.bytes.length) {
      return failed(StoreException.Kind.OTHER, "beyond the end of " + key);
    }
    int from = (int) request.range().offset();
    int length = (int) (end - from);
    boolean whole = from == 0 && length == object.bytes.length;
    byte[] bytes = whole && !quiet && damages.getAsBoolean() ? object.damaged.get() : object.bytes;
    boolean cut = fails();
    int delivered = cut ? random.nextInt(length) : length;
    ObjectVersion version = new ObjectVersion(object.etag, object.bytes.length);
    sink.begin(version);
    int first = random.nextInt(delivered + 1);
    if (first > 0) {
      sink.accept(bytes, from, first);
    }
    act();
    if (delivered > first) {
      sink.accept(bytes, from + first, delivered - first);
    }
    return cut
        ? failed(StoreException.Kind.TEMPORARY, "GET " + key + " is cut")
        : CompletableFuture.completedFuture(version);
  }

  private boolean fails() {
    if (quiet || random.nextInt(100) >= profile.faults()) {
      return false;
    }
    faults++;
    trace.add("  a request fails");
    return true;
  }

  /** Others act, unless it is quiet. */
  void act() {
    if (!quiet) {
      others.run();
    }
  }

  private static <T> CompletableFuture<T> failed(StoreException.Kind kind, String message) {
    return CompletableFuture.failedFuture(new StoreException(kind, message));
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest request) {
    throw new SimFailure("a reader writes " + request.key());
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    throw new SimFailure("a reader deletes " + keys);
  }

  @Override
  public void close() {}
}
