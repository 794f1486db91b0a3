/**
 * What tests and benchmarks share: a real S3 server as its own process, and network faults.
 *
 * <p>Depends on nothing of Rivulet's, so that it cannot share a mistake with what it tests.
 */
@NullMarked
package dev.rivulet.testing;

import org.jspecify.annotations.NullMarked;
