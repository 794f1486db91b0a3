package dev.rivulet.store;

/**
 * Where the requests for one bucket go.
 *
 * @param tls whether by https
 * @param host to connect to, without brackets
 * @param port to connect to
 * @param authority the Host header
 * @param basePath what comes before the key: {@code /} or {@code /bucket/}
 * @param region that requests are signed for
 */
record S3Endpoint(
    boolean tls, String host, int port, String authority, String basePath, String region) {

  /** Where a bucket is first looked for if nobody says. */
  static final String DEFAULT_REGION = "us-east-1";

  static S3Endpoint of(S3Location location, String region) {
    String bucket = location.bucket();
    if (bucket.startsWith("arn:")) {
      String[] arn = bucket.split(":", 6);
      String name = arn[5].substring(arn[5].indexOf('/') + 1);
      String host = name + "-" + arn[4] + ".s3-accesspoint." + region + "." + suffix(region);
      return new S3Endpoint(true, host, 443, host, "/", region);
    }
    String endpoint = location.endpoint();
    if (endpoint.isEmpty()) {
      String host = "s3." + region + "." + suffix(region);
      // AWS's certificate is for one label before the host, so a dotted bucket goes in the path.
      boolean pathStyle = location.pathStyle() || bucket.indexOf('.') >= 0;
      return at(true, host, 443, "", bucket, pathStyle, region);
    }
    boolean tls = endpoint.startsWith("https://");
    String rest = endpoint.substring(endpoint.indexOf("://") + 3);
    int colon = rest.endsWith("]") ? -1 : rest.lastIndexOf(':');
    String host = colon < 0 ? rest : rest.substring(0, colon);
    String portText = colon < 0 ? "" : rest.substring(colon);
    int port = colon < 0 ? (tls ? 443 : 80) : Integer.parseInt(rest.substring(colon + 1));
    return at(tls, host, port, portText, bucket, location.pathStyle(), region);
  }

  private static S3Endpoint at(
      boolean tls,
      String server,
      int port,
      String portText,
      String bucket,
      boolean pathStyle,
      String region) {
    String host = pathStyle ? server : bucket + "." + server;
    // RFC 6761: every name below localhost is this machine; few resolvers know it.
    String plain =
        host.endsWith(".localhost") && !tls
            ? "localhost"
            : host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    String base = pathStyle ? "/" + UrlSyntax.encode(bucket, "") + "/" : "/";
    return new S3Endpoint(tls, plain, port, host + portText, base, region);
  }

  private static String suffix(String region) {
    return region.startsWith("cn-") ? "amazonaws.com.cn" : "amazonaws.com";
  }

  /** For messages. */
  String shown() {
    return (tls ? "https://" : "http://") + authority;
  }

  /** Whether connections to the other one can be used. */
  boolean sameServer(S3Endpoint other) {
    return tls == other.tls && host.equals(other.host) && port == other.port;
  }
}
