/**
 * {@code jdbc:rivulet:} URLs: a driver and a data source over xerial's sqlite-jdbc.
 *
 * <p>xerial's SQLite is a private copy without visible symbols, so its own {@code load_extension}
 * is the only way in; {@link dev.rivulet.jdbc.RivuletDriver} hides that. Ordinary {@code
 * jdbc:sqlite:} connections in the same JVM stay as they are.
 *
 * <p>Invariants: no credential of a URL is in an exception's message or in the connection's
 * metadata; every connection is read-only and says so.
 */
@NullMarked
package dev.rivulet.jdbc;

import org.jspecify.annotations.NullMarked;
