/**
 * The LTX file format, version 3: pure functions over bytes, no I/O.
 *
 * <p>Knows nothing of stores, levels or SQLite. Every length and offset comes from outside and is
 * hostile: damage gives an {@link dev.rivulet.ltx.LtxException}, never another exception, and
 * memory stays bounded by the page size and the input actually given.
 */
@NullMarked
package dev.rivulet.ltx;

import org.jspecify.annotations.NullMarked;
