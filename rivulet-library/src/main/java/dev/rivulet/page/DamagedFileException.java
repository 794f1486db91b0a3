package dev.rivulet.page;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;

/** A file of the replica is not a valid LTX file. Reading it again would not help. */
public final class DamagedFileException extends IOException {
  private static final long serialVersionUID = 1;

  public DamagedFileException(LtxFile file, LtxException cause) {
    super(message(file, cause.getMessage()), cause);
  }

  public DamagedFileException(LtxFile file, String what) {
    super(message(file, what));
  }

  private static String message(LtxFile file, @org.jspecify.annotations.Nullable String what) {
    return "LTX file "
        + file.key()
        + " is damaged: "
        + what
        + ". Restore the file from another copy of the replica, or make a new snapshot with"
        + " Litestream";
  }
}
