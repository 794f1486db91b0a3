package dev.rivulet.store;

/**
 * What a listing says of an object.
 *
 * @param key relative to the store's root
 * @param size in bytes
 * @param etag opaque, without quotes, or a weak one whole ({@code W/"…"}); changes whenever the
 *     content does; empty if the store has none
 * @param modifiedMillis when it was written, in milliseconds since 1970, by the store's clock; a
 *     store may round it to seconds
 */
public record ObjectEntry(String key, long size, String etag, long modifiedMillis) {}
