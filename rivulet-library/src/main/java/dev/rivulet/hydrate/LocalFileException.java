package dev.rivulet.hydrate;

import java.io.IOException;

/** The local file cannot be read or written: the disk is full, or broken. */
public final class LocalFileException extends IOException {
  private static final long serialVersionUID = 1;

  LocalFileException(IOException cause) {
    super(cause.getMessage(), cause);
  }
}
