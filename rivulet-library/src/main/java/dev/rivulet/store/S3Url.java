package dev.rivulet.store;

import dev.rivulet.store.S3Location.Encryption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@code s3://} URLs, those of access points too: what the host says, overridden by the
 * parameters. One for each URL, used by one thread.
 */
final class S3Url {
  private final S3Parameters parameters;

  private S3Url(S3Parameters parameters) {
    this.parameters = parameters;
  }

  static boolean isArn(String url) {
    return url.regionMatches(true, 0, "s3://arn:", 0, 9);
  }

  static ReplicaUrl parseArn(String url, Environment environment) throws StoreException {
    // An ARN has colons and a slash of its own, so it is taken out before the URL is split.
    String rest = url.substring("s3://".length());
    int question = rest.indexOf('?');
    String query = question < 0 ? "" : rest.substring(question);
    String name = question < 0 ? rest : rest.substring(0, question);
    String marker = ":accesspoint/";
    int at = name.toLowerCase(Locale.ROOT).indexOf(marker);
    String[] fields = name.split(":", 7);
    if (at < 0 || at + marker.length() >= name.length() || fields.length != 6) {
      throw UrlSyntax.bad(
          "The replica URL is not that of an S3 access point, which is"
              + " s3://arn:aws:s3:REGION:ACCOUNT:accesspoint/NAME/PATH");
    }
    int end = name.indexOf('/', at + marker.length());
    String arn = end < 0 ? name : name.substring(0, end);
    String path = end < 0 ? "" : UrlSyntax.clean(name.substring(end)).substring(1);
    UrlSyntax syntax = UrlSyntax.split("s3://x/" + query);
    return new S3Url(new S3Parameters(syntax.query()))
        .build(new S3Host(arn, fields[3], "", false), path, environment, "s3://" + name);
  }

  static ReplicaUrl parse(UrlSyntax syntax, Environment environment) throws StoreException {
    if (syntax.user()) {
      throw UrlSyntax.bad(
          "An s3:// replica URL takes no user name or password; give credentials by"
              + " AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
    }
    String path = UrlSyntax.decode(syntax.rawPath(), false);
    path = UrlSyntax.clean(path);
    if (path.startsWith("/")) {
      path = path.substring(1);
    }
    return new S3Url(new S3Parameters(syntax.query()))
        .build(
            S3Host.of(syntax.host()),
            path,
            environment,
            "s3://" + syntax.host() + UrlSyntax.clean("/" + syntax.rawPath()));
  }

  private ReplicaUrl build(S3Host host, String path, Environment environment, String display)
      throws StoreException {
    String endpoint = host.endpoint();
    boolean pathStyle = host.pathStyle();
    @Nullable Boolean forced = parameters.flag("forcePathStyle");
    String asked = parameters.text("endpoint");
    if (asked.isEmpty()) {
      String fromEnvironment = environment.get("LITESTREAM_S3_ENDPOINT");
      asked = fromEnvironment == null ? "" : fromEnvironment.strip();
    }
    if (!asked.isEmpty()) {
      endpoint = Endpoints.normalize(asked);
      // A server of one's own rarely has a host name for each bucket.
      pathStyle = true;
    }
    if (!endpoint.isEmpty() && Endpoints.wantsPathStyle(endpoint)) {
      pathStyle = true;
    }
    if (forced != null) {
      pathStyle = forced;
    }
    if (host.bucket().startsWith("arn:") && !endpoint.isEmpty()) {
      throw UrlSyntax.bad(
          "An access point is addressed at AWS itself: its replica URL takes no endpoint");
    }
    String region = parameters.text("region");
    if (region.isEmpty() || host.bucket().startsWith("arn:")) {
      region = host.region();
    }
    if (!Endpoints.isRegion(region)) {
      throw UrlSyntax.bad("Parameter region of the replica URL is no region name");
    }
    boolean anonymous = parameters.flag("anonymous", false);
    boolean skipVerify = parameters.flag("skipVerify", false);
    parameters.refuseOfParts("concurrency");
    parameters.refuseOfParts("partSize");
    S3Location location =
        new S3Location(
            host.bucket(),
            region,
            endpoint,
            pathStyle,
            path + "/",
            anonymous,
            skipVerify,
            parameters.flag("signPayload", true),
            parameters.flag("requireContentMD5", true),
            parameters.headerValue("storageClass"),
            encryption(endpoint));
    StringBuilder identity = new StringBuilder("s3://");
    identity.append(endpoint.isEmpty() ? "aws" : endpoint.substring(endpoint.indexOf("://") + 3));
    identity.append('/').append(host.bucket()).append('/').append(path);
    // Who asked for a verified or signed connection must not be handed one that is neither.
    if (anonymous) {
      identity.append(";anonymous");
    }
    if (skipVerify) {
      identity.append(";skipVerify");
    }
    if (endpoint.startsWith("http://")) {
      identity.append(";http");
    }
    String shown = asked.isEmpty() ? display : display + "?endpoint=" + endpoint;
    return new ReplicaUrl("s3", identity.toString(), shown, location);
  }

  private Encryption encryption(String endpoint) throws StoreException {
    String algorithm = parameters.text("sseCustomerAlgorithm");
    String key = parameters.text("sseCustomerKey");
    String md5 = parameters.text("sseCustomerKeyMD5");
    String kms = parameters.headerValue("sseKmsKeyId");
    if (algorithm.isEmpty() && key.isEmpty() && md5.isEmpty()) {
      return kms.isEmpty() ? new Encryption.BucketDefault() : new Encryption.Kms(kms);
    }
    if (!kms.isEmpty()) {
      throw UrlSyntax.bad(
          "Parameters sseKmsKeyId and sseCustomerKey of the replica URL exclude each other");
    }
    if (!algorithm.isEmpty() && !algorithm.equals("AES256")) {
      throw UrlSyntax.bad("Parameter sseCustomerAlgorithm of the replica URL must be AES256");
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(key);
    } catch (IllegalArgumentException e) {
      bytes = new byte[0];
    }
    if (bytes.length != 32) {
      throw UrlSyntax.bad(
          "Parameter sseCustomerKey of the replica URL must be 32 bytes in base64, percent-encoded");
    }
    if (endpoint.startsWith("http://") && !Endpoints.isLocal(endpoint)) {
      throw UrlSyntax.bad(
          "Parameter sseCustomerKey of the replica URL would send the key in clear text to a"
              + " distant server; use an https:// endpoint");
    }
    String computed;
    try {
      computed = Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
    if (!md5.isEmpty() && !md5.equals(computed)) {
      throw UrlSyntax.bad(
          "Parameter sseCustomerKeyMD5 of the replica URL is not the MD5 of sseCustomerKey");
    }
    return new Encryption.CustomerKey(key, computed);
  }
}
