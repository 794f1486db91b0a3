package dev.rivulet.store;

/**
 * What the host of an {@code s3://} URL says: a bucket, and perhaps the provider that has it, whose
 * host names Litestream knows. Immutable.
 *
 * @param bucket its name, or an access point's ARN
 * @param region empty if the host does not say
 * @param endpoint with its scheme; empty for AWS itself
 * @param pathStyle whether the provider wants the bucket in the path
 */
record S3Host(String bucket, String region, String endpoint, boolean pathStyle) {
  /** Litestream's patterns, first match wins. */
  static S3Host of(String host) throws StoreException {
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
      return new S3Host(
          host.substring(0, dot), "us-east-1", "http://" + host.substring(dot + 1), true);
    }
    String[] p = host.split("\\.", -1);
    int n = p.length;
    if (host.endsWith(".amazonaws.com") && n >= 4) {
      if (p[n - 3].equals("s3")) {
        return new S3Host(join(p, n - 3), "", "", false);
      }
      if (n >= 5 && p[n - 4].equals("s3")) {
        return new S3Host(join(p, n - 4), p[n - 3], "", false);
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
    return new S3Host(host, "", "", false);
  }

  private static S3Host hosted(
      String[] parts, int own, String region, String endpoint, boolean pathStyle)
      throws StoreException {
    if (parts.length == own) {
      throw UrlSyntax.bad(
          "The replica URL names no bucket, only its provider; it should be s3://bucket."
              + String.join(".", parts)
              + "/path");
    }
    return new S3Host(join(parts, parts.length - own), region, endpoint, pathStyle);
  }

  private static String join(String[] parts, int count) {
    StringBuilder out = new StringBuilder(parts[0]);
    for (int i = 1; i < count; i++) {
      out.append('.').append(parts[i]);
    }
    return out.toString();
  }
}
