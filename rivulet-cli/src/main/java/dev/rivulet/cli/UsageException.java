package dev.rivulet.cli;

/** The command line is wrong. The message says how. */
final class UsageException extends Exception {
  private static final long serialVersionUID = 1;

  UsageException(String message) {
    super(message);
  }
}
