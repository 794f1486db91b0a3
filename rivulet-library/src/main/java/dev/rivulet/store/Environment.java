package dev.rivulet.store;

import org.jspecify.annotations.Nullable;

/**
 * The process's environment variables, as they are now.
 *
 * <p>In an embedded JVM this is C's {@code getenv}, because a host may set variables at run time
 * (Python's {@code os.environ}) and Java's own copy is taken at its start.
 */
@FunctionalInterface
public interface Environment {
  /** The value, or null if the variable is not set. */
  @Nullable String get(String name);

  /** Java's own view of the environment. */
  static Environment ofProcess() {
    return System::getenv;
  }
}
