package dev.rivulet.db;

import org.jspecify.annotations.Nullable;

/** What the simulation saw is not what the plain model says. */
final class SimFailure extends AssertionError {
  private static final long serialVersionUID = 1;

  SimFailure(String message) {
    this(message, null);
  }

  SimFailure(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
