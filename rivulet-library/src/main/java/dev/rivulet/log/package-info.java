/**
 * Log lines: levelled, to stderr or a file, never to stdout.
 *
 * <p>Not {@code java.logging}, which costs 50 to 70 ms of the first query (docs/how-it-works.md).
 */
@NullMarked
package dev.rivulet.log;

import org.jspecify.annotations.NullMarked;
