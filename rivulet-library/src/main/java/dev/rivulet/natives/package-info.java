/**
 * The native library on the Java side: finding and loading it, memory outside the heap, and LZ4.
 *
 * <p>The lowest layer beside {@code log}: it knows nothing of the rest. It is a package of its own,
 * and not part of {@code ltx} or {@code page}, because both of them need the one library that also
 * holds the SQLite shim.
 *
 * <p>Invariant: every range handed to native code was checked here, whatever the caller passes.
 */
@NullMarked
package dev.rivulet.natives;

import org.jspecify.annotations.NullMarked;
