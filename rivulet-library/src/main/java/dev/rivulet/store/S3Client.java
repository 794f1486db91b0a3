package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import dev.rivulet.store.HttpResponse.Target;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.auth.credentials.Credentials;
import software.amazon.awssdk.crt.auth.signing.AwsSigner;
import software.amazon.awssdk.crt.auth.signing.AwsSigningConfig;
import software.amazon.awssdk.crt.http.HttpClientConnectionManager;
import software.amazon.awssdk.crt.http.HttpClientConnectionManagerOptions;
import software.amazon.awssdk.crt.http.HttpRequest;
import software.amazon.awssdk.crt.io.SocketOptions;
import software.amazon.awssdk.crt.io.TlsContext;

/**
 * Sends S3 requests: signs them, keeps the connections, and follows the bucket to its region, once
 * for each request and for good.
 */
final class S3Client implements AutoCloseable {
  /**
   * Servers close idle connections after 5 to 60 s without a word, and a request on such a one is
   * lost and tried again; a poll each second keeps one open for ever.
   */
  private static final long IDLE_MILLIS = 15_000;

  private final S3Location location;
  private final StoreLimits limits;
  private final CrtRuntime runtime;
  private final S3Credentials credentials;
  private final Environment environment;
  private final Slots slots;
  private final Set<HttpExchange> active = ConcurrentHashMap.newKeySet();

  // Guarded by this.
  private S3Route route;
  private @Nullable TlsContext tls;
  private boolean closed;

  S3Client(S3Location location, Environment environment, StoreLimits limits, CrtRuntime runtime)
      throws StoreException {
    this.location = location;
    this.limits = limits;
    this.runtime = runtime;
    this.environment = environment;
    slots = new Slots(limits.maxConnections());
    S3Endpoint endpoint = S3Endpoint.of(location, firstRegion(location, environment));
    route = route(endpoint);
    credentials = S3Credentials.of(location, environment, runtime);
  }

  private static String firstRegion(S3Location location, Environment environment)
      throws StoreException {
    if (!location.region().isEmpty()) {
      return location.region();
    }
    for (String name : new String[] {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
      String value = environment.get(name);
      if (value != null && !value.isBlank()) {
        if (!Endpoints.isRegion(value.strip())) {
          throw new StoreException(OTHER, name + " is no region name.");
        }
        return value.strip();
      }
    }
    return S3Endpoint.DEFAULT_REGION;
  }

  private S3Route route(S3Endpoint endpoint) throws StoreException {
    HttpProxy proxy = HttpProxy.of(endpoint, environment);
    return new S3Route(endpoint, proxy, connect(endpoint, proxy));
  }

  private HttpClientConnectionManager connect(S3Endpoint endpoint, @Nullable HttpProxy proxy)
      throws StoreException {
    URI uri;
    try {
      String host =
          endpoint.host().indexOf(':') < 0 ? endpoint.host() : "[" + endpoint.host() + "]";
      uri = new URI((endpoint.tls() ? "https://" : "http://") + host);
    } catch (URISyntaxException e) {
      throw badHost(endpoint, e);
    }
    if (uri.getHost() == null) {
      throw badHost(endpoint, null);
    }
    try (SocketOptions sockets = new SocketOptions()) {
      // Less than the whole, so that what is late after it was TLS, and the message can say so.
      sockets.connectTimeoutMs = Math.max(limits.connect() * 2 / 3, 1);
      HttpClientConnectionManagerOptions options =
          new HttpClientConnectionManagerOptions()
              .withClientBootstrap(runtime.bootstrap())
              .withSocketOptions(sockets)
              .withUri(uri)
              .withPort(endpoint.port())
              .withMaxConnections(limits.maxConnections())
              .withMaxConnectionIdleInMilliseconds(IDLE_MILLIS);
      // Only for https: making it parses the system's list of authorities, 11 to 17 ms.
      if (endpoint.tls()) {
        TlsContext context = tls;
        if (context == null) {
          context = Tls.context(location.skipVerify(), environment);
          tls = context;
        }
        options.withTlsContext(context);
      }
      if (proxy != null) {
        options.withProxyOptions(proxy.options(endpoint.tls()));
      }
      return HttpClientConnectionManager.create(options);
    }
  }

  private StoreException badHost(S3Endpoint endpoint, @Nullable Throwable cause) {
    return new StoreException(
        OTHER,
        endpoint.authority()
            + " is no host name; check bucket "
            + location.bucket()
            + " and the endpoint, or set forcePathStyle=true.",
        cause);
  }

  String bucket() {
    return location.bucket();
  }

  synchronized S3Endpoint endpoint() {
    return route.endpoint();
  }

  /**
   * Sends a request.
   *
   * @param target takes the body of the answer if it wants it
   * @param bytes about how many will move, for the deadline
   * @return any answer, also a refusal
   */
  CompletableFuture<HttpResponse> send(S3Request request, @Nullable Target target, long bytes) {
    S3Route now = current();
    return Pending.then(
        signAndSend(now, request, target, bytes),
        response ->
            moved(response, now)
                ? signAndSend(current(), request, target, bytes)
                : CompletableFuture.completedFuture(response));
  }

  private synchronized S3Route current() {
    return route;
  }

  /** Whether the answer names another region; if so, requests go there from now on. */
  private boolean moved(HttpResponse response, S3Route from) {
    int status = response.head().status();
    if (status != 301 && status != 307 && status != 400) {
      return false;
    }
    String region = response.head().get("x-amz-bucket-region");
    if (region.isEmpty()) {
      region = S3Errors.Document.of(response.body()).region();
    }
    // It becomes part of a host name.
    if (region.isEmpty()
        || !Endpoints.isRegion(region)
        || region.equals(from.endpoint().region())) {
      return false;
    }
    S3Endpoint there = S3Endpoint.of(location, region);
    synchronized (this) {
      if (closed || route != from) {
        return !closed;
      }
      try {
        boolean same = there.sameServer(from.endpoint());
        route = same ? from.to(there) : route(there);
        if (!same) {
          from.connections().close();
        }
        return true;
      } catch (StoreException e) {
        return false;
      }
    }
  }

  private CompletableFuture<HttpResponse> signAndSend(
      S3Route to, S3Request request, @Nullable Target target, long bytes) {
    HttpRequest plain = request.at(to.endpoint());
    if (credentials.anonymous()) {
      return exchange(to, request, plain, plain, target, bytes);
    }
    CompletableFuture<Credentials> known = credentials.current();
    if (!known.isDone()) {
      // aws-crt's chain asks services that may be silent.
      var timer =
          Timers.after(
              limits.connect(),
              () ->
                  known.completeExceptionally(
                      S3Credentials.missing(new StoreException(OTHER, "no answer in time"))));
      var unused = known.whenComplete((found, failure) -> timer.cancel(false));
    }
    return Pending.then(known, found -> signed(to, request, plain, found, target, bytes));
  }

  private CompletableFuture<HttpResponse> signed(
      S3Route to,
      S3Request request,
      HttpRequest plain,
      Credentials by,
      @Nullable Target target,
      long bytes) {
    try (AwsSigningConfig config = new AwsSigningConfig()) {
      config.setAlgorithm(AwsSigningConfig.AwsSigningAlgorithm.SIGV4);
      config.setSignatureType(AwsSigningConfig.AwsSignatureType.HTTP_REQUEST_VIA_HEADERS);
      config.setService("s3");
      config.setRegion(to.endpoint().region());
      config.setCredentials(by);
      config.setTime(System.currentTimeMillis());
      // S3 alone signs the path as it stands.
      config.setUseDoubleUriEncode(false);
      config.setShouldNormalizeUriPath(false);
      config.setSignedBodyHeader(AwsSigningConfig.AwsSignedBodyHeaderType.X_AMZ_CONTENT_SHA256);
      if (request.content() == null) {
        config.setSignedBodyValue(AwsSigningConfig.AwsSignedBodyValue.EMPTY_SHA256);
      } else if (!location.signPayload() && request.method().equals("PUT")) {
        config.setSignedBodyValue(AwsSigningConfig.AwsSignedBodyValue.UNSIGNED_PAYLOAD);
      }
      CompletableFuture<HttpRequest> signing = AwsSigner.signRequest(plain, config);
      return Pending.then(
          signing, signedRequest -> exchange(to, request, plain, signedRequest, target, bytes));
    } catch (RuntimeException e) {
      return CompletableFuture.failedFuture(StoreException.from(e));
    }
  }

  private CompletableFuture<HttpResponse> exchange(
      S3Route to,
      S3Request request,
      HttpRequest plain,
      HttpRequest signed,
      @Nullable Target target,
      long bytes) {
    StoreException unread = request.contentFailure(plain);
    if (unread != null) {
      return CompletableFuture.failedFuture(unread);
    }
    HttpExchange exchange =
        new HttpExchange(to, slots, limits, signed, target, request.what(), bytes);
    active.add(exchange);
    CompletableFuture<HttpResponse> result = exchange.start();
    var unused = result.whenComplete((response, failure) -> active.remove(exchange));
    if (isClosed()) {
      exchange.fail(MemoryStore.closed());
    }
    if (plain.getBodyStream() == null) {
      return result;
    }
    // The content may have failed between its signature and its sending.
    return Pending.failing(
        result,
        failure -> {
          StoreException unreadNow = request.contentFailure(plain);
          return unreadNow == null ? failure : unreadNow;
        });
  }

  private synchronized boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    for (HttpExchange exchange : active) {
      exchange.fail(MemoryStore.closed());
    }
    synchronized (this) {
      route.connections().close();
      if (tls != null) {
        tls.close();
      }
    }
    credentials.close();
  }
}
