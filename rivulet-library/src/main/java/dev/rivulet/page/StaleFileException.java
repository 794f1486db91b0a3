package dev.rivulet.page;

import dev.rivulet.replica.LtxFile;
import dev.rivulet.store.StoreException;
import java.io.IOException;

/** A file of the plan is gone from the store, or another one lies under its name: plan again. */
public final class StaleFileException extends IOException {
  private static final long serialVersionUID = 1;

  public StaleFileException(LtxFile file, Throwable cause) {
    super("LTX file " + file.key() + " was deleted or replaced in the store", cause);
  }

  /** What a failed request for a part of a file means: this, or the store's own failure. */
  public static IOException orStoreFailure(LtxFile file, Throwable thrown) {
    StoreException store = StoreException.from(thrown);
    return switch (store.kind()) {
      case NOT_FOUND, CONFLICT -> new StaleFileException(file, store);
      default -> store;
    };
  }
}
