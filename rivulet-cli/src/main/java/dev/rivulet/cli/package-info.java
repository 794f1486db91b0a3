/**
 * The {@code rivulet} command: parses, calls the library, prints.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>Results go to standard output, everything else to standard error.
 *   <li>The exit code is 0, 1 for an error, or 2 for a wrong use.
 *   <li>No credential is printed: replicas are named by {@link
 *       dev.rivulet.db.OpenReplica#display()}.
 * </ul>
 */
@NullMarked
package dev.rivulet.cli;

import org.jspecify.annotations.NullMarked;
