package dev.rivulet.store;

/**
 * One version of an object.
 *
 * @param etag opaque, without quotes; empty if the store has none
 * @param size of the whole object in bytes
 */
public record ObjectVersion(String etag, long size) {}
