package dev.rivulet.page;

import dev.rivulet.replica.LtxFile;
import java.io.IOException;

/** A file of the plan is gone from the store, or another one lies under its name: plan again. */
public final class StaleFileException extends IOException {
  private static final long serialVersionUID = 1;

  public StaleFileException(LtxFile file, Throwable cause) {
    super("LTX file " + file.key() + " was deleted or replaced in the store", cause);
  }
}
