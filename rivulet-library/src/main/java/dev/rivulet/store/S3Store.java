package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.NOT_FOUND;
import static dev.rivulet.store.StoreException.Kind.OTHER;

import dev.rivulet.store.S3Location.Encryption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import software.amazon.awssdk.crt.http.HttpHeader;

/**
 * Objects in an S3 bucket, or in a store that speaks S3's protocol, by aws-crt's HTTP client.
 *
 * <p>Requests are not repeated here, but for one that the bucket's region has refused; see {@link
 * RetryingStore}.
 */
public final class S3Store implements ObjectStore {
  private final S3Location location;
  private final CrtRuntime runtime;
  private final S3Client client;
  private final Workers workers = new Workers("rivulet-s3");

  /**
   * Makes no request yet.
   *
   * @param environment credentials, region and certificate authorities are read from it now
   */
  public S3Store(S3Location location, Environment environment, StoreLimits limits)
      throws StoreException {
    this.location = location;
    runtime = CrtRuntime.get();
    client = new S3Client(location, environment, limits, runtime);
    runtime.register(this);
  }

  @Override
  public CompletableFuture<ListPage> list(String prefix, String startAfter, int limit) {
    return list(prefix, startAfter, limit, "");
  }

  /**
   * A page that has an entry, or is the last one; more than one request if the store wants it so.
   */
  private CompletableFuture<ListPage> list(
      String prefix, String startAfter, int limit, String token) {
    S3Request request;
    try {
      Keys.checkLimit(limit);
      StringBuilder query = new StringBuilder();
      if (!token.isEmpty()) {
        query.append("continuation-token=").append(UrlSyntax.encode(token, "")).append('&');
      }
      query.append("encoding-type=url&list-type=2&max-keys=").append(limit).append("&prefix=");
      query.append(UrlSyntax.encode(location.keyPrefix() + prefix, ""));
      if (!startAfter.isEmpty()) {
        query.append("&start-after=");
        query.append(UrlSyntax.encode(location.keyPrefix() + startAfter, ""));
      }
      request = request("GET", "", query.toString(), "listing " + shown(prefix));
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    return Pending.then(
        client.send(request, null, 0),
        response -> {
          expect(response, request, 200);
          response.head().checkBody(request.what());
          ListParser parser = new ListParser(location.keyPrefix(), startAfter, prefix);
          ListPage page = parser.parse(response.body(), limit);
          String next = parser.continuation();
          if (next.isEmpty()) {
            return CompletableFuture.completedFuture(page);
          }
          if (next.equals(token)) {
            throw new StoreException(
                OTHER, "While " + request.what() + ", the store went round in a circle.");
          }
          return list(prefix, startAfter, limit, next);
        });
  }

  S3Location location() {
    return location;
  }

  private String shown(String prefix) {
    return "s3://" + location.bucket() + "/" + location.keyPrefix() + prefix;
  }

  @Override
  public CompletableFuture<ObjectVersion> get(GetRequest get, ByteSink sink) {
    try {
      Keys.check(get.key());
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    S3Request request = request("GET", get.key(), "", "reading object " + get.key());
    ByteRange range = get.range();
    header(request, "Range", "bytes=" + range.offset() + "-" + (range.end() - 1));
    if (!get.ifMatch().isEmpty()) {
      header(request, "If-Match", Etags.quoted(get.ifMatch()));
    }
    customerKey(request);
    S3Read read = new S3Read(get, sink);
    return Pending.of(
        client.send(request, read, range.length()),
        response -> {
          int status = response.head().status();
          if (status == 416) {
            throw MemoryStore.beyond(get, -1);
          }
          if (status == 412) {
            throw MemoryStore.changed(get.key());
          }
          if (status != 206 && status != 200) {
            throw failure(response, request);
          }
          return read.finished();
        });
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest put) {
    S3Request request;
    try {
      Keys.check(put.key());
      request =
          new S3Request(
              "PUT",
              location.keyPrefix() + put.key(),
              "",
              headers(),
              put.content(),
              "writing object " + put.key());
      switch (put.condition()) {
        case PutRequest.Condition.Always always -> {}
        case PutRequest.Condition.IfAbsent absent -> header(request, "If-None-Match", "*");
        case PutRequest.Condition.IfMatch match ->
            header(request, "If-Match", Etags.quoted(match.etag()));
      }
      for (Map.Entry<String, String> e : put.metadata().entrySet()) {
        header(request, metadataName(e.getKey()), metadataValue(e.getKey(), e.getValue()));
      }
      writeHeaders(request);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    // A worker, because the signature covers the content, which may have to be read from a disk.
    Pending<HttpResponse> sent = new Pending<>();
    CompletableFuture<Boolean> started =
        workers.run(() -> {
          if (!sent.isDone()) {
            sent.follow(client.send(request, null, put.content().length()));
          }
          return true;
        });
    var unused = started.exceptionally(sent::completeExceptionally);
    return Pending.of(
        sent,
        response -> {
          if (response.head().status() == 404
              && put.condition() instanceof PutRequest.Condition.IfMatch) {
            throw bucketOr(response, request, MemoryStore.changed(put.key()));
          }
          if (response.head().status() == 412) {
            throw put.condition() instanceof PutRequest.Condition.IfAbsent
                ? MemoryStore.exists(put.key())
                : MemoryStore.changed(put.key());
          }
          expect(response, request, 200);
          return new ObjectVersion(
              Etags.plain(response.head().get("etag")), put.content().length());
        });
  }

  /**
   * S3 answers 404 to If-Match on an object that is gone; only a missing bucket stays NOT_FOUND.
   */
  private StoreException bucketOr(
      HttpResponse response, S3Request request, StoreException otherwise) {
    StoreException told = failure(response, request);
    boolean bucket = S3Errors.Document.of(response.body()).code().equals("NoSuchBucket");
    return bucket && told.kind() == NOT_FOUND ? told : otherwise;
  }

  @Override
  public CompletableFuture<Void> delete(List<String> keys) {
    List<String> all = List.copyOf(keys);
    try {
      for (String key : all) {
        Keys.check(key);
      }
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    return deleteFrom(all, 0);
  }

  private CompletableFuture<Void> deleteFrom(List<String> keys, int from) {
    if (from >= keys.size()) {
      return CompletableFuture.completedFuture(null);
    }
    int to = Math.min(from + S3Delete.BATCH, keys.size());
    CompletableFuture<Boolean> some =
        keys.size() == 1 ? deleteOne(keys.get(0)) : deleteBatch(keys.subList(from, to));
    return Pending.then(some, done -> deleteFrom(keys, to));
  }

  private CompletableFuture<Boolean> deleteOne(String key) {
    S3Request request = request("DELETE", key, "", "deleting object " + key);
    return Pending.of(
        client.send(request, null, 0),
        response -> {
          int status = response.head().status();
          if (status == 404
              && bucketOr(response, request, MemoryStore.changed(key)).kind() != NOT_FOUND) {
            return true;
          }
          if (status != 200 && status != 204) {
            throw failure(response, request);
          }
          return true;
        });
  }

  private CompletableFuture<Boolean> deleteBatch(List<String> keys) {
    S3Delete delete = new S3Delete(location.keyPrefix(), keys);
    S3Request request =
        new S3Request(
            "POST",
            "",
            "delete=",
            headers(),
            delete.content(),
            "deleting " + keys.size() + " objects");
    header(request, "Content-Type", "application/xml");
    if (location.contentMd5()) {
      header(request, "Content-MD5", delete.md5());
    }
    return Pending.of(
        client.send(request, null, delete.content().length()),
        response -> {
          expect(response, request, 200);
          delete.check(response.body());
          return true;
        });
  }

  private S3Request request(String method, String key, String query, String what) {
    String full = key.isEmpty() ? "" : location.keyPrefix() + key;
    return new S3Request(method, full, query, headers(), null, what);
  }

  private List<HttpHeader> headers() {
    List<HttpHeader> headers = new ArrayList<>();
    if (Endpoints.isTigris(location.endpoint())) {
      headers.add(new HttpHeader("X-Tigris-Consistent", "true"));
    }
    return headers;
  }

  private static void header(S3Request request, String name, String value) {
    request.headers().add(new HttpHeader(name, value));
  }

  private void customerKey(S3Request request) {
    if (location.encryption() instanceof Encryption.CustomerKey key) {
      String name = "x-amz-server-side-encryption-customer-";
      header(request, name + "algorithm", "AES256");
      header(request, name + "key", key.key());
      header(request, name + "key-MD5", key.keyMd5());
    }
  }

  private void writeHeaders(S3Request request) {
    header(request, "Content-Type", "application/octet-stream");
    if (!location.storageClass().isEmpty()) {
      header(request, "x-amz-storage-class", location.storageClass());
    }
    customerKey(request);
    if (location.encryption() instanceof Encryption.Kms kms) {
      header(request, "x-amz-server-side-encryption", "aws:kms");
      header(request, "x-amz-server-side-encryption-aws-kms-key-id", kms.keyId());
    }
  }

  private static String metadataName(String name) throws StoreException {
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c > 'z' || !(Character.isLetterOrDigit(c) || c == '-')) {
        throw new StoreException(OTHER, "\"" + name + "\" cannot be the name of metadata.");
      }
    }
    return "x-amz-meta-" + name;
  }

  private static String metadataValue(String name, String value) throws StoreException {
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < ' ' || value.charAt(i) > '~') {
        throw new StoreException(OTHER, "Metadata " + name + " has a strange character.");
      }
    }
    return value;
  }

  private void expect(HttpResponse response, S3Request request, int status) throws StoreException {
    if (response.head().status() != status) {
      throw failure(response, request);
    }
  }

  private StoreException failure(HttpResponse response, S3Request request) {
    return S3Errors.of(response, request, client.endpoint(), client.bucket());
  }

  @Override
  public void close() {
    workers.close();
    client.close();
    runtime.forget(this);
  }

  /** Closes every S3 store of the process, quickly; for the handler that runs at its exit. */
  public static void shutdownAll() {
    CrtRuntime.shutdownAll();
  }
}
