package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.util.List;
import java.util.concurrent.CompletableFuture;

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
    runtime = CrtRuntime.of(this);
    boolean made = false;
    try {
      client = new S3Client(location, environment, limits, runtime);
      made = true;
    } finally {
      if (!made) {
        runtime.forget(this);
      }
    }
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
    // What has a weak ETag never matches it; the answer's is compared in any case.
    boolean conditional = !get.ifMatch().isEmpty() && !Etags.isWeak(get.ifMatch());
    return get(get, new S3Read(get, sink), conditional);
  }

  private CompletableFuture<ObjectVersion> get(GetRequest get, S3Read read, boolean conditional) {
    S3Request request = request("GET", get.key(), "", "reading object " + get.key());
    ByteRange range = get.range();
    request.header("Range", "bytes=" + range.offset() + "-" + (range.end() - 1));
    if (conditional) {
      request.header("If-Match", Etags.quoted(get.ifMatch()));
    }
    request.customerKey(location);
    return Pending.then(
        client.send(request, read, range.length()),
        response -> {
          int status = response.head().status();
          if (status == 416) {
            throw MemoryStore.beyond(get, -1);
          }
          if (status == 412) {
            // The wanted version is there, then; only the listing did not say that it is weak.
            if (conditional && Etags.same(get.ifMatch(), Etags.of(response.head().get("etag")))) {
              return get(get, read, false);
            }
            throw MemoryStore.changed(get.key());
          }
          if (status != 206 && status != 200) {
            throw failure(response, request);
          }
          return CompletableFuture.completedFuture(read.finished());
        });
  }

  @Override
  public CompletableFuture<ObjectVersion> put(PutRequest put) {
    S3Write write;
    try {
      write = new S3Write(location, put);
    } catch (StoreException e) {
      return CompletableFuture.failedFuture(e);
    }
    // A worker, because the signature covers the content, which may have to be read from a disk.
    Pending<HttpResponse> sent = new Pending<>();
    CompletableFuture<Boolean> started =
        workers.run(() -> {
          if (!sent.isDone()) {
            sent.follow(client.send(write.request(), null, put.content().length()));
          }
          return true;
        });
    var unused = started.exceptionally(sent::completeExceptionally);
    return Pending.of(sent, response -> write.written(response, client));
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
          if (status == 404 && !S3Errors.noBucket(response)) {
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
        S3Request.of(
            location,
            "POST",
            "",
            "delete=",
            delete.content(),
            "deleting " + keys.size() + " objects");
    request.header("Content-Type", "application/xml");
    if (location.contentMd5()) {
      request.header("Content-MD5", delete.md5());
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
    return S3Request.of(location, method, key, query, null, what);
  }

  private void expect(HttpResponse response, S3Request request, int status) throws StoreException {
    if (response.head().status() != status) {
      throw failure(response, request);
    }
  }

  private StoreException failure(HttpResponse response, S3Request request) {
    return S3Errors.of(response, request, client);
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

  /** Ends what S3 stores share, its threads above all, unless there is one that is open. */
  public static void shutdownUnused() {
    CrtRuntime.shutdownUnused();
  }
}
