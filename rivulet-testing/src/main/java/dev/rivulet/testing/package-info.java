/**
 * What tests and benchmarks share: an S3 server, a proxy that delays and counts, Litestream itself,
 * and databases that are made the same way every time.
 *
 * <p>Knows nothing of Rivulet: what is measured or checked here is what any client of the store
 * would show. Everything listens on loopback only, and stops when it is closed.
 */
@NullMarked
package dev.rivulet.testing;

import org.jspecify.annotations.NullMarked;
