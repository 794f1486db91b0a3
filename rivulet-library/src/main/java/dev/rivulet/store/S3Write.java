package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import dev.rivulet.store.S3Location.Encryption;
import java.util.Map;

/**
 * One write of an object: the request that it is, and what the answers to it mean. Does no I/O;
 * never changed once made, so it may be sent by any thread.
 */
final class S3Write {
  private final PutRequest put;
  private final S3Request request;

  S3Write(S3Location location, PutRequest put) throws StoreException {
    this.put = put;
    Keys.check(put.key());
    request =
        S3Request.of(location, "PUT", put.key(), "", put.content(), "writing object " + put.key());
    switch (put.condition()) {
      case PutRequest.Condition.Always always -> {}
      case PutRequest.Condition.IfAbsent absent -> request.header("If-None-Match", "*");
      case PutRequest.Condition.IfMatch match -> {
        if (Etags.isWeak(match.etag())) {
          throw new StoreException(
              OTHER,
              "Object "
                  + put.key()
                  + " was not replaced: the store gives it a weak ETag (W/), and by that no store"
                  + " can tell whether it is still the version that was seen.");
        }
        request.header("If-Match", Etags.quoted(match.etag()));
      }
    }
    for (Map.Entry<String, String> e : put.metadata().entrySet()) {
      request.header(metadataName(e.getKey()), metadataValue(e.getKey(), e.getValue()));
    }
    request.header("Content-Type", "application/octet-stream");
    if (!location.storageClass().isEmpty()) {
      request.header("x-amz-storage-class", location.storageClass());
    }
    request.customerKey(location);
    if (location.encryption() instanceof Encryption.Kms kms) {
      request.header("x-amz-server-side-encryption", "aws:kms");
      request.header("x-amz-server-side-encryption-aws-kms-key-id", kms.keyId());
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

  S3Request request() {
    return request;
  }

  /**
   * The version written.
   *
   * @param client that sent the request
   * @throws StoreException if it was not; CONFLICT if the condition did not hold
   */
  ObjectVersion written(HttpResponse response, S3Client client) throws StoreException {
    int status = response.head().status();
    if (status == 412 && put.condition() instanceof PutRequest.Condition.IfAbsent) {
      throw MemoryStore.exists(put.key());
    }
    // S3 answers 404 to If-Match on an object that is gone.
    boolean gone =
        status == 404
            && put.condition() instanceof PutRequest.Condition.IfMatch
            && !S3Errors.noBucket(response);
    if (status == 412 || gone) {
      throw MemoryStore.changed(put.key());
    }
    if (status != 200) {
      throw S3Errors.of(response, request, client);
    }
    return new ObjectVersion(Etags.of(response.head().get("etag")), put.content().length());
  }
}
