package dev.rivulet.store;

/**
 * Takes the bytes of one {@link ObjectStore#get} in order.
 *
 * <p>Called by one thread at a time, and with a happens-before edge from each call to the next. The
 * array is only lent: what must be kept is copied. Must return soon and never wait for another
 * request. If it throws, the request ends and fails with {@link StoreException.Kind#OTHER} and the
 * exception as its cause.
 */
@FunctionalInterface
public interface ByteSink {
  void accept(byte[] bytes, int offset, int length);

  /**
   * Tells which version of the object the bytes are of, before the first of them: a read that is
   * cut can only be continued if that is known. Who wraps a sink passes it on.
   */
  default void begin(ObjectVersion version) {}
}
