package dev.rivulet.store;

import java.io.IOException;
import java.io.InputStream;
import java.util.Map;

/**
 * A write.
 *
 * @param key the object
 * @param content its bytes
 * @param condition what must hold for the write to happen, else it fails with {@link
 *     StoreException.Kind#CONFLICT} and changes nothing
 * @param metadata user metadata, kept where the store can keep it; names of letters, digits and
 *     hyphens
 */
public record PutRequest(
    String key, Content content, Condition condition, Map<String, String> metadata) {
  public PutRequest {
    metadata = Map.copyOf(metadata);
  }

  /** The bytes of a write, streamed; opened again for each try. */
  public interface Content {
    /** Exactly how many bytes the stream has. */
    long length();

    /** A new stream from the first byte. */
    InputStream open() throws IOException;

    /** Bytes in memory; the array is not copied and must not change. */
    static Content of(byte[] bytes) {
      return new BytesContent(bytes);
    }
  }

  /** What must hold for a write to happen. */
  public sealed interface Condition {
    /** Always write. */
    record Always() implements Condition {}

    /** Only if there is no such object: {@code If-None-Match: *}. */
    record IfAbsent() implements Condition {}

    /**
     * Only if the object still has this ETag: {@code If-Match}. A weak one ({@code W/"…"}) cannot
     * be a condition: the write is refused with {@link StoreException.Kind#OTHER}.
     */
    record IfMatch(String etag) implements Condition {}
  }
}
