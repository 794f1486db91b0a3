package dev.rivulet.store;

import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * Objects under one root (a bucket and a path, or a folder), by key.
 *
 * <p>Keys are relative to the root, with {@code /} between their parts. Objects are written whole:
 * a reader sees the old object or the new one, never a mixture, and a listing that starts after a
 * write has ended shows it (as S3 has been since 2020).
 *
 * <p><b>Requests are asynchronous.</b> A method returns at once, and does no I/O on the calling
 * thread that could block; the future completes on a thread of the store. {@code
 * future.cancel(true)} ends the request and frees what it holds within milliseconds. Futures fail
 * with {@link StoreException} only (also where an argument is bad). Work done in a completion must
 * be short, and must not wait for another request.
 *
 * <p>Implementations are thread-safe. NOTE: this interface stays minimal, so that a new store is a
 * small thing to write; what many stores share (retries, counting) is a decorator.
 */
public interface ObjectStore extends AutoCloseable {
  /** The most entries a store returns in one page of a listing; S3's own limit. */
  int MAX_PAGE = 1000;

  /**
   * One page of a listing: the entries whose key begins with {@code prefix} and is greater than
   * {@code startAfter}, in ascending order of the keys' UTF-8 bytes. One request to the store.
   *
   * @param prefix a plain string prefix, not only whole parts; empty for all
   * @param startAfter exclusive; empty to begin at the first; need not exist or have the prefix
   * @param limit at most this many entries, 1 to {@value #MAX_PAGE}
   * @return the page; a missing root is an empty listing where the store cannot tell them apart
   */
  CompletableFuture<ListPage> list(String prefix, String startAfter, int limit);

  /**
   * Reads a range of an object into a sink, in order.
   *
   * <p>The range is clamped by nothing: asking beyond the end of the object fails with {@link
   * StoreException.Kind#OTHER}. When the future completes normally, exactly the asked bytes have
   * been delivered. When it fails, the sink may have been given a prefix of them.
   *
   * @return the object's version, which has the requested ETag if one was requested
   */
  CompletableFuture<ObjectVersion> get(GetRequest request, ByteSink sink);

  /**
   * Writes an object.
   *
   * @return the version written
   */
  CompletableFuture<ObjectVersion> put(PutRequest request);

  /**
   * Deletes objects. One that does not exist counts as deleted. If it fails, some may be deleted.
   */
  CompletableFuture<Void> delete(List<String> keys);

  /** Ends what is under way (its futures fail) and frees threads and sockets. Idempotent. */
  @Override
  void close();
}
