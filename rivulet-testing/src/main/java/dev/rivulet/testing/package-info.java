/** What tests and benchmarks share. */
@NullMarked
package dev.rivulet.testing;

import org.jspecify.annotations.NullMarked;
