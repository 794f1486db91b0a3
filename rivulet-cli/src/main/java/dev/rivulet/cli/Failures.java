package dev.rivulet.cli;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;

/** Says a failure in one line. */
final class Failures {
  private Failures() {}

  static String sentence(IOException e) {
    if (e instanceof InterruptedIOException) {
      return "interrupted";
    }
    if (e instanceof AccessDeniedException denied) {
      return "The permissions of " + denied.getFile() + " do not allow it";
    }
    if (e instanceof FileSystemException file && file.getReason() != null) {
      return file.getFile() + ": " + file.getReason();
    }
    String message = e.getMessage();
    return message == null ? e.toString() : message;
  }
}
