package dev.rivulet.store;

import dev.rivulet.store.S3Location.Encryption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@code s3://} URLs: host patterns, parameters, access points. */
final class S3Url {
  /** Litestream's parameters with their hyphenated aliases, and ours: {@code anonymous}. */
  static final Set<String> PARAMETERS =
      Set.of(
          "endpoint",
          "region",
          "anonymous",
          "forcePathStyle",
          "force-path-style",
          "skipVerify",
          "skip-verify",
          "signPayload",
          "sign-payload",
          "requireContentMD5",
          "require-content-md5",
          "concurrency",
          "partSize",
          "part-size",
          "storageClass",
          "storage-class",
          "sseCustomerAlgorithm",
          "sse-customer-algorithm",
          "sseCustomerKey",
          "sse-customer-key",
          "sseCustomerKeyMD5",
          "sse-customer-key-md5",
          "sseKmsKeyId",
          "sse-kms-key-id");

  private final Map<String, String> parameters = new HashMap<>();

  private S3Url(Map<String, String> query) throws StoreException {
    for (Map.Entry<String, String> e : query.entrySet()) {
      String name = e.getKey();
      if (!PARAMETERS.contains(name)) {
        throw UrlSyntax.bad(
            "Parameter " + name + " of the replica URL is not known; check its spelling");
      }
      if (parameters.put(camel(name), e.getValue()) != null) {
        throw UrlSyntax.bad(
            "Parameter " + name + " of the replica URL is given twice, in its two spellings");
      }
    }
  }

  /** {@code force-path-style} as {@code forcePathStyle}. */
  private static String camel(String name) {
    if (name.indexOf('-') < 0) {
      return name;
    }
    StringBuilder out = new StringBuilder();
    for (String part : name.split("-", -1)) {
      out.append(
          out.isEmpty()
              ? part
              : part.equals("md5")
                  ? "MD5"
                  : Character.toUpperCase(part.charAt(0)) + part.substring(1));
    }
    return out.toString();
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
    return new S3Url(syntax.query())
        .build(new Host(arn, fields[3], "", false), path, environment, "s3://" + name);
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
    return new S3Url(syntax.query())
        .build(
            Host.of(syntax.host()),
            path,
            environment,
            "s3://" + syntax.host() + UrlSyntax.clean("/" + syntax.rawPath()));
  }

  /** What the host of the URL says. */
  private record Host(String bucket, String region, String endpoint, boolean pathStyle) {
    /** Litestream's patterns, first match wins. */
    static Host of(String host) throws StoreException {
      if (host.isEmpty()) {
        throw UrlSyntax.bad("The replica URL names no bucket; it should be s3://bucket/path");
      }
      if (host.contains(":") && !host.contains(".com")) {
        int dot = host.indexOf('.');
        if (dot <= 0) {
          throw UrlSyntax.bad(
              "The replica URL names no bucket; for a server at "
                  + host
                  + " write s3://bucket/path?endpoint=http://"
                  + host);
        }
        return new Host(
            host.substring(0, dot), "us-east-1", "http://" + host.substring(dot + 1), true);
      }
      String[] p = host.split("\\.", -1);
      int n = p.length;
      if (host.endsWith(".amazonaws.com") && n >= 4) {
        if (p[n - 3].equals("s3")) {
          return new Host(join(p, n - 3), "", "", false);
        }
        if (n >= 5 && p[n - 4].equals("s3")) {
          return new Host(join(p, n - 4), p[n - 3], "", false);
        }
      }
      if (host.endsWith(".digitaloceanspaces.com")) {
        return hosted(p, 3, p[n - 3], "https://" + p[n - 3] + ".digitaloceanspaces.com", false);
      }
      if (host.endsWith(".backblazeb2.com") && n >= 4 && p[n - 4].equals("s3")) {
        String server = "https://s3." + p[n - 3] + ".backblazeb2.com";
        return hosted(p, 4, p[n - 3], server, true);
      }
      if (host.endsWith("s3.filebase.com") && (n == 3 || p[n - 3].equals("s3"))) {
        return hosted(p, 3, "", "https://s3.filebase.com", true);
      }
      if (host.endsWith(".scw.cloud") && n >= 4 && p[n - 4].equals("s3")) {
        return hosted(p, 4, p[n - 3], "https://s3." + p[n - 3] + ".scw.cloud", false);
      }
      return new Host(host, "", "", false);
    }

    private static Host hosted(
        String[] parts, int own, String region, String endpoint, boolean pathStyle)
        throws StoreException {
      if (parts.length == own) {
        throw UrlSyntax.bad(
            "The replica URL names no bucket, only its provider; it should be s3://bucket."
                + String.join(".", parts)
                + "/path");
      }
      return new Host(join(parts, parts.length - own), region, endpoint, pathStyle);
    }

    private static String join(String[] parts, int count) {
      StringBuilder out = new StringBuilder(parts[0]);
      for (int i = 1; i < count; i++) {
        out.append('.').append(parts[i]);
      }
      return out.toString();
    }
  }

  private ReplicaUrl build(Host host, String path, Environment environment, String display)
      throws StoreException {
    String endpoint = host.endpoint;
    boolean pathStyle = host.pathStyle;
    @Nullable Boolean forced = bool("forcePathStyle");
    String asked = text("endpoint");
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
    if (host.bucket.startsWith("arn:") && !endpoint.isEmpty()) {
      throw UrlSyntax.bad(
          "An access point is addressed at AWS itself: its replica URL takes no endpoint");
    }
    String region = text("region");
    if (region.isEmpty() || host.bucket.startsWith("arn:")) {
      region = host.region;
    }
    if (!Endpoints.isRegion(region)) {
      throw UrlSyntax.bad("Parameter region of the replica URL is no region name");
    }
    boolean anonymous = flag("anonymous", false);
    boolean skipVerify = flag("skipVerify", false);
    positive("concurrency");
    positive("partSize");
    S3Location location =
        new S3Location(
            host.bucket,
            region,
            endpoint,
            pathStyle,
            path + "/",
            anonymous,
            skipVerify,
            flag("signPayload", true),
            flag("requireContentMD5", true),
            headerValue("storageClass"),
            encryption(endpoint));
    StringBuilder identity = new StringBuilder("s3://");
    identity.append(endpoint.isEmpty() ? "aws" : endpoint.substring(endpoint.indexOf("://") + 3));
    identity.append('/').append(host.bucket).append('/').append(path);
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
    String algorithm = text("sseCustomerAlgorithm");
    String key = text("sseCustomerKey");
    String md5 = text("sseCustomerKeyMD5");
    String kms = headerValue("sseKmsKeyId");
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

  private String text(String name) {
    return parameters.getOrDefault(name, "");
  }

  /** A value that becomes a header: no way to add another one. */
  private String headerValue(String name) throws StoreException {
    String value = text(name);
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) <= ' ' || value.charAt(i) > '~') {
        throw UrlSyntax.bad("Parameter " + name + " of the replica URL has a strange character");
      }
    }
    return value;
  }

  private boolean flag(String name, boolean otherwise) throws StoreException {
    Boolean value = bool(name);
    return value == null ? otherwise : value;
  }

  private @Nullable Boolean bool(String name) throws StoreException {
    String value = text(name).toLowerCase(Locale.ROOT);
    return switch (value) {
      case "" -> null;
      case "true", "1", "t", "yes" -> true;
      case "false", "0", "f", "no" -> false;
      // Litestream takes anything else for false, skipVerify=on too; better to say so.
      default ->
          throw UrlSyntax.bad("Parameter " + name + " of the replica URL must be true or false");
    };
  }

  private void positive(String name) throws StoreException {
    String value = text(name);
    if (value.isEmpty()) {
      return;
    }
    long number;
    try {
      number = Long.parseLong(value);
    } catch (NumberFormatException e) {
      number = 0;
    }
    if (number <= 0) {
      throw UrlSyntax.bad("Parameter " + name + " of the replica URL must be a positive number");
    }
    // Our writes are single requests: there are no parts whose size or number could be set.
    throw UrlSyntax.bad(
        "Parameter "
            + name
            + " of the replica URL is about uploads in parts, which Rivulet does not make; leave"
            + " it out");
  }
}
