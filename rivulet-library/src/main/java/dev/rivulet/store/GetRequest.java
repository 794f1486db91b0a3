package dev.rivulet.store;

/**
 * A ranged read.
 *
 * @param key the object
 * @param range which bytes
 * @param ifMatch the ETag the object must have, else the request fails with {@link
 *     StoreException.Kind#CONFLICT}; whether one of the two is weak makes no difference; empty to
 *     take whatever is there
 */
public record GetRequest(String key, ByteRange range, String ifMatch) {
  /** A read of whatever version is there. */
  public GetRequest(String key, ByteRange range) {
    this(key, range, "");
  }
}
