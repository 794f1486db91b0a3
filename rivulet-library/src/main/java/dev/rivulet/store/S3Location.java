package dev.rivulet.store;

/**
 * Where a replica lies in S3 or a store that speaks its protocol, and how it is to be asked.
 *
 * @param bucket a bucket's name, or the ARN of an access point
 * @param region the region asked for, or empty to find it: environment, then redirects
 * @param endpoint {@code http://host[:port]} or {@code https://host[:port]}; empty for AWS itself
 * @param pathStyle whether the bucket is the first part of the path, not of the host name
 * @param keyPrefix what every key begins with, ending in a slash. Litestream joins its path and the
 *     level by a slash and normalises nothing, so {@code s3://bucket/} is {@code "/"} and {@code
 *     s3://bucket} is {@code "./"}
 * @param anonymous whether requests go unsigned
 * @param skipVerify whether the server's TLS certificate is taken unseen
 * @param signPayload whether a write's signature covers its bytes, or only its headers
 * @param contentMd5 whether a batch delete carries the MD5 of its body
 * @param storageClass of what is written; empty for the bucket's default
 * @param encryption how objects are encrypted
 */
public record S3Location(
    String bucket,
    String region,
    String endpoint,
    boolean pathStyle,
    String keyPrefix,
    boolean anonymous,
    boolean skipVerify,
    boolean signPayload,
    boolean contentMd5,
    String storageClass,
    Encryption encryption)
    implements StoreLocation {

  /** Server-side encryption. */
  public sealed interface Encryption {
    /** Whatever the bucket does by itself. */
    record BucketDefault() implements Encryption {}

    /** By a key of the key management service, for writes. */
    record Kms(String keyId) implements Encryption {}

    /**
     * By a key that every request brings along (SSE-C, AES256).
     *
     * @param key base64 of 32 bytes: a secret
     * @param keyMd5 base64 of its MD5
     */
    record CustomerKey(String key, String keyMd5) implements Encryption {
      /** Without the key. */
      @Override
      public String toString() {
        return "CustomerKey";
      }
    }
  }
}
