/**
 * The VFS as SQLite sees it: files, result codes, pragmas, and the JNI boundary with the C shim.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>No exception crosses into C: each entry point of {@link dev.rivulet.sqlite.Vfs} catches
 *       every {@code Throwable} and answers with one of SQLite's result codes.
 *   <li>Every failure is said once, in a sentence, on the log and to {@code sqlite3_log}, and is
 *       kept for its thread in {@link dev.rivulet.sqlite.LastError}. What a pragma or a function
 *       asked for is answered to the user instead, whom SQLite gives that text.
 *   <li>A read that is served from memory allocates nothing.
 *   <li>A network error is never SQLITE_BUSY: callers take that for lock contention and try again.
 * </ul>
 */
@NullMarked
package dev.rivulet.sqlite;

import org.jspecify.annotations.NullMarked;
