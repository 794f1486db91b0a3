package dev.rivulet.testing;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Signs the few requests that tests and benchmarks themselves make of an S3 server (AWS Signature
 * Version 4, body unsigned). Independent of Rivulet's own client, which is what is tested.
 */
public final class S3Signer {

  private static final String REGION = "us-east-1";
  private static final String UNSIGNED = "UNSIGNED-PAYLOAD";
  private static final String SIGNED_HEADERS = "host;x-amz-content-sha256;x-amz-date";
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss'Z'").withZone(ZoneOffset.UTC);

  private final String keyId;
  private final String secret;

  public S3Signer(String keyId, String secret) {
    this.keyId = keyId;
    this.secret = secret;
  }

  /**
   * The headers that a request needs besides {@code Host}.
   *
   * @param target whose path and query are escaped as they will be sent
   */
  public Map<String, String> sign(String method, URI target, Instant now) {
    String time = TIME.format(now);
    String date = time.substring(0, 8);
    String scope = date + "/" + REGION + "/s3/aws4_request";
    String query = target.getRawQuery() == null ? "" : target.getRawQuery();
    String canonical =
        String.join(
            "\n",
            method,
            target.getRawPath(),
            query,
            "host:" + target.getAuthority(),
            "x-amz-content-sha256:" + UNSIGNED,
            "x-amz-date:" + time,
            "",
            SIGNED_HEADERS,
            UNSIGNED);
    String toSign = String.join("\n", "AWS4-HMAC-SHA256", time, scope, sha256(canonical));
    byte[] key = ("AWS4" + secret).getBytes(StandardCharsets.UTF_8);
    for (String part : new String[] {date, REGION, "s3", "aws4_request"}) {
      key = hmac(key, part);
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("x-amz-content-sha256", UNSIGNED);
    headers.put("x-amz-date", time);
    headers.put(
        "Authorization",
        "AWS4-HMAC-SHA256 Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            .formatted(keyId, scope, SIGNED_HEADERS, HexFormat.of().formatHex(hmac(key, toSign))));
    return headers;
  }

  private static String sha256(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }
}
