package dev.rivulet.store;

import dev.rivulet.testing.S3Server;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One S3 server for all tests of this JVM; each test has a bucket of its own. */
final class TestS3 {
  static final S3Server SERVER = start();
  private static final AtomicInteger BUCKETS = new AtomicInteger();

  private TestS3() {}

  private static S3Server start() {
    try {
      return S3Server.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String bucket() throws IOException {
    String bucket = "bucket-" + BUCKETS.incrementAndGet();
    SERVER.admin().createBucket(bucket);
    return bucket;
  }

  /** An environment of just these variables. */
  static Environment environment(String... namesAndValues) {
    Map<String, String> variables = new HashMap<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      variables.put(namesAndValues[i], namesAndValues[i + 1]);
    }
    return variables::get;
  }

  static Environment credentials() {
    return environment(
        "AWS_ACCESS_KEY_ID", S3Server.ACCESS_KEY, "AWS_SECRET_ACCESS_KEY", S3Server.SECRET_KEY);
  }

  static S3Location location(String url) throws StoreException {
    return (S3Location) ReplicaUrl.parse(url, environment()).location();
  }

  static S3Store open(String url) throws StoreException {
    return new S3Store(location(url), credentials(), StoreLimits.defaults());
  }
}
