package dev.rivulet.store;

import java.io.IOException;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * A request to a store failed. The message is a sentence for the person who will read it: what
 * happened, to what, and where known what to do. It holds no secret.
 */
public final class StoreException extends IOException {
  private static final long serialVersionUID = 1;

  /** What a caller can do about a failure. */
  public enum Kind {
    /** There is no such object, bucket or folder. */
    NOT_FOUND,
    /** The store refused the credentials, or what they may do. */
    FORBIDDEN,
    /** A condition of the request does not hold: the object exists, or is another version. */
    CONFLICT,
    /** It may succeed later: timeouts, lost connections, 429, 500, 502, 503, 504, cut bodies. */
    TEMPORARY,
    /** It will not succeed as it stands: bad arguments, refused TLS certificates, and the rest. */
    OTHER
  }

  private final Kind kind;

  public StoreException(Kind kind, String message) {
    this(kind, message, null);
  }

  public StoreException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }

  /** The store's failure inside what a future threw; anything else becomes {@link Kind#OTHER}. */
  public static StoreException from(Throwable thrown) {
    Throwable t = thrown;
    while ((t instanceof CompletionException || t instanceof ExecutionException)
        && t.getCause() != null) {
      t = t.getCause();
    }
    if (t instanceof StoreException e) {
      return e;
    }
    String message = t.getMessage();
    return new StoreException(Kind.OTHER, message == null ? t.toString() : message, t);
  }
}
