package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * An answer: its head, and its body, which goes to a target piece by piece or is collected here.
 *
 * <p>Not thread-safe: the event loop's thread fills it, and hands it on when it is complete; after
 * that it never changes.
 */
final class HttpResponse {
  /** Where the bytes of a successful answer go, if it is the one that was hoped for. */
  interface Target {
    /** Whether the body of this answer is wanted piece by piece; else it is collected. */
    boolean wants(ResponseHead head) throws StoreException;

    void accept(byte[] bytes);
  }

  /** 1,000 entries with keys of 1,024 bytes, each byte escaped by three, come to 4 MB. */
  private static final int MAX_COLLECTED = 8 << 20;

  private final ResponseHead head;
  private final @Nullable Target target;
  private final String what;
  private final ByteArrayOutputStream collected = new ByteArrayOutputStream(0);
  private boolean streaming;

  /**
   * @param what a few words for messages, as {@link S3Request#what}
   */
  HttpResponse(int status, @Nullable Target target, String what) {
    head = new ResponseHead(status);
    this.target = target;
    this.what = what;
  }

  ResponseHead head() {
    return head;
  }

  /** Notes that the head is complete, and so asks the target. */
  void headDone() throws StoreException {
    streaming = target != null && target.wants(head);
  }

  /** Takes the next piece of the body. */
  void add(byte[] bytes) throws StoreException {
    if (streaming && target != null) {
      target.accept(bytes);
    } else if (collected.size() + bytes.length > MAX_COLLECTED) {
      throw new StoreException(OTHER, "While " + what + ", the store's answer had no end.");
    } else {
      collected.write(bytes, 0, bytes.length);
    }
  }

  /** What the target did not take; a copy. */
  byte[] body() {
    return collected.toByteArray();
  }
}
