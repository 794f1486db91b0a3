package dev.rivulet.store;

import dev.rivulet.store.S3Location.Encryption;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.http.HttpHeader;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.http.HttpRequestBodyStream;

/**
 * One request of S3's, before it is signed and sent to some endpoint. One thread makes it; once its
 * headers are complete it is not changed any more.
 *
 * @param method GET, PUT, POST or DELETE
 * @param key full and not encoded; empty for the bucket itself
 * @param query encoded, its parameters in any order; empty for none
 * @param headers beside Host and those of the signature
 * @param content what is sent; null for nothing
 * @param what a few words for messages: "listing the objects", "reading x"
 */
record S3Request(
    String method,
    String key,
    String query,
    List<HttpHeader> headers,
    PutRequest.@Nullable Content content,
    String what) {

  /**
   * A request about what lies at {@code location}, with the headers that each such request carries.
   *
   * @param key relative to the location; empty for the bucket itself
   */
  static S3Request of(
      S3Location location,
      String method,
      String key,
      String query,
      PutRequest.@Nullable Content content,
      String what) {
    String full = key.isEmpty() ? "" : location.keyPrefix() + key;
    S3Request request = new S3Request(method, full, query, new ArrayList<>(), content, what);
    if (Endpoints.isTigris(location.endpoint())) {
      request.header("X-Tigris-Consistent", "true");
    }
    return request;
  }

  /** Adds a header; before the request is sent. */
  void header(String name, String value) {
    headers.add(new HttpHeader(name, value));
  }

  /** Lets the store encrypt and decrypt by the location's key, if it has one. */
  void customerKey(S3Location location) {
    if (location.encryption() instanceof Encryption.CustomerKey key) {
      String name = "x-amz-server-side-encryption-customer-";
      header(name + "algorithm", "AES256");
      header(name + "key", key.key());
      header(name + "key-MD5", key.keyMd5());
    }
  }

  /** The failure of a request whose own content could not be read; null for any other. */
  @Nullable StoreException contentFailure(HttpRequest sent) {
    IOException problem = sent.getBodyStream() instanceof Body body ? body.problem() : null;
    return problem == null
        ? null
        : new StoreException(
            StoreException.Kind.OTHER,
            "While " + what + ", its content could not be read: " + problem.getMessage() + ".",
            problem);
  }

  /** As aws-crt wants it. */
  HttpRequest at(S3Endpoint endpoint) {
    List<HttpHeader> all = new ArrayList<>(headers.size() + 4);
    all.add(new HttpHeader("Host", endpoint.authority()));
    all.add(new HttpHeader("User-Agent", "litestream rivulet"));
    all.addAll(headers);
    PutRequest.Content body = content;
    if (body != null) {
      all.add(new HttpHeader("Content-Length", Long.toString(body.length())));
    }
    String path = endpoint.basePath() + UrlSyntax.encode(key, "/");
    if (key.isEmpty() && path.length() > 1) {
      path = path.substring(0, path.length() - 1);
    }
    return new HttpRequest(
        method,
        query.isEmpty() ? path : path + "?" + query,
        all.toArray(new HttpHeader[0]),
        body == null ? null : new Body(body));
  }

  /** Feeds a stream to aws-crt, which may read it twice: to sign it and to send it. */
  static final class Body implements HttpRequestBodyStream {
    private final PutRequest.Content content;
    private final byte[] chunk = new byte[16 * 1024];
    private @Nullable InputStream in;
    private long sent;
    private volatile @Nullable IOException problem;

    Body(PutRequest.Content content) {
      this.content = content;
    }

    @Override
    public boolean sendRequestBody(ByteBuffer out) {
      try {
        InputStream stream = in;
        if (stream == null) {
          stream = content.open();
          in = stream;
        }
        while (out.hasRemaining() && sent < content.length()) {
          long want = Math.min(Math.min(chunk.length, out.remaining()), content.length() - sent);
          int got = stream.read(chunk, 0, (int) want);
          if (got < 0) {
            throw new IOException("the content is shorter than it said");
          }
          out.put(chunk, 0, got);
          sent += got;
        }
        if (sent < content.length()) {
          return false;
        }
        stream.close();
        in = null;
        return true;
      } catch (IOException | RuntimeException e) {
        // An exception would end up on stderr: aws-crt prints it. Ending early fails the request.
        problem = e instanceof IOException io ? io : new IOException(e);
        return true;
      }
    }

    /** Why the content could not be read to its end; null if it could. */
    @Nullable IOException problem() {
      return problem;
    }

    @Override
    public boolean resetPosition() {
      try {
        if (in != null) {
          in.close();
        }
      } catch (IOException e) {
        // It was only read from, and is not read any further.
      }
      in = null;
      sent = 0;
      return true;
    }

    @Override
    public long getLength() {
      return content.length();
    }
  }
}
