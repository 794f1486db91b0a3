package dev.rivulet.store;

/**
 * One version of an object.
 *
 * @param etag as {@link ObjectEntry#etag}
 * @param size of the whole object in bytes
 */
public record ObjectVersion(String etag, long size) {}
