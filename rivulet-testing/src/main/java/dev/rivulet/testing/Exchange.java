package dev.rivulet.testing;

import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One request that went through {@link DelayProxy}. Times are nanoseconds since the proxy's last
 * reset.
 *
 * @param kind what it asks of an S3 store
 * @param key bucket and key, decoded; of a LIST, bucket and prefix
 * @param range the {@code Range} header's value, or null
 * @param status of the response; 0 while there is none
 * @param requestBytes of the request's body
 * @param responseBytes of the response's body
 * @param start when its head had arrived
 * @param firstByte when the response's head was handed to the client; empty when it never was
 * @param end just before the response's last bytes were handed to the client, so that whatever a
 *     client does in answer to them begins after it; empty while it runs or when it was cut off
 */
public record Exchange(
    Kind kind,
    String key,
    @Nullable String range,
    int status,
    long requestBytes,
    long responseBytes,
    long start,
    OptionalLong firstByte,
    OptionalLong end) {

  /** Kinds of S3 requests, as they are billed. */
  public enum Kind {
    LIST,
    GET,
    HEAD,
    PUT,
    DELETE,
    OTHER
  }

  static Kind kind(String method, String query) {
    return switch (method) {
      case "GET" -> query.contains("list-type=2") ? Kind.LIST : Kind.GET;
      case "HEAD" -> Kind.HEAD;
      case "PUT" -> Kind.PUT;
      case "DELETE" -> Kind.DELETE;
      default -> Kind.OTHER;
    };
  }

  /** One line for a person: when, what, how long, how much. */
  @Override
  public String toString() {
    return "%9.3f ms  %-6s %3d  first byte %8.3f  end %8.3f  %9d bytes  %s%s"
        .formatted(
            start / 1e6,
            kind,
            status,
            firstByte.orElse(start) / 1e6,
            end.orElse(start) / 1e6,
            responseBytes,
            key,
            range == null ? "" : " " + range);
  }
}
