package dev.rivulet.store;

import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The parameters of an {@code s3://} URL, in either of their spellings, each value checked as it is
 * asked for. Immutable.
 */
final class S3Parameters {
  /** Litestream's parameters with their hyphenated aliases, and ours: {@code anonymous}. */
  static final Set<String> NAMES =
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

  private final Map<String, String> values = new HashMap<>();

  /** Refuses names that are not known, and one given in two spellings. */
  S3Parameters(Map<String, String> query) throws StoreException {
    for (Map.Entry<String, String> e : query.entrySet()) {
      String name = e.getKey();
      if (!NAMES.contains(name)) {
        throw UrlSyntax.bad(
            "Parameter " + name + " of the replica URL is not known; check its spelling");
      }
      if (values.put(camel(name), e.getValue()) != null) {
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

  /** A value as it stands; empty if it is not given. */
  String text(String name) {
    return values.getOrDefault(name, "");
  }

  /** A value that becomes a header: no way to add another one. */
  String headerValue(String name) throws StoreException {
    String value = text(name);
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) <= ' ' || value.charAt(i) > '~') {
        throw UrlSyntax.bad("Parameter " + name + " of the replica URL has a strange character");
      }
    }
    return value;
  }

  boolean flag(String name, boolean otherwise) throws StoreException {
    Boolean value = flag(name);
    return value == null ? otherwise : value;
  }

  /** Null if it is not given. */
  @Nullable Boolean flag(String name) throws StoreException {
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

  /** Refuses a parameter about uploads in parts. */
  void refuseOfParts(String name) throws StoreException {
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
