package dev.rivulet.testing;

import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;

/** Fills an S3 server for a test, by signed requests of its own. */
public final class S3Admin {
  private final URI endpoint;
  private final String accessKey;
  private final String secretKey;

  S3Admin(URI endpoint, String accessKey, String secretKey) {
    this.endpoint = endpoint;
    this.accessKey = accessKey;
    this.secretKey = secretKey;
  }

  /** Makes a bucket; one that is there already stays as it is. */
  public void createBucket(String bucket) throws IOException {
    send("PUT", "/" + bucket, new byte[0], 200, 409);
  }

  public void put(String bucket, String key, byte[] bytes) throws IOException {
    send("PUT", "/" + bucket + "/" + key, bytes, 200);
  }

  public void delete(String bucket, String key) throws IOException {
    send("DELETE", "/" + bucket + "/" + key, new byte[0], 200, 204);
  }

  /**
   * Puts a replica that lies in a folder under {@code bucket/path}. A folder has its levels as
   * {@code ltx/0}, a bucket as {@code 0000}.
   */
  public void putReplica(Path folder, String bucket, String path) throws IOException {
    createBucket(bucket);
    Path levels = folder.resolve("ltx");
    List<Path> files;
    try (Stream<Path> all = Files.walk(levels)) {
      files = all.filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : files) {
      put(bucket, path + "/000" + levels.relativize(file), Files.readAllBytes(file));
    }
  }

  private void send(String method, String path, byte[] body, int... expected) throws IOException {
    String encoded = encode(path);
    HttpURLConnection http = (HttpURLConnection) endpoint.resolve(encoded).toURL().openConnection();
    http.setRequestMethod(method);
    if (!accessKey.isEmpty()) {
      new S3Signer(accessKey, secretKey)
          .sign(method, endpoint.resolve(encoded), Instant.now())
          .forEach(http::setRequestProperty);
    }
    if (method.equals("PUT")) {
      http.setRequestProperty("Content-Type", "application/octet-stream");
      http.setDoOutput(true);
      http.setFixedLengthStreamingMode(body.length);
      http.getOutputStream().write(body);
    }
    int status = http.getResponseCode();
    for (int one : expected) {
      if (status == one) {
        return;
      }
    }
    InputStream error = http.getErrorStream();
    throw new IOException(
        method
            + " "
            + path
            + ": "
            + status
            + (error == null
                ? ""
                : " " + new String(error.readAllBytes(), StandardCharsets.UTF_8)));
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String encode(String path) {
    StringBuilder out = new StringBuilder();
    for (byte b : utf8(path)) {
      boolean plain =
          (b >= 'a' && b <= 'z')
              || (b >= 'A' && b <= 'Z')
              || (b >= '0' && b <= '9')
              || (b > 0 && "-._~/".indexOf(b) >= 0);
      out.append(
          plain ? String.valueOf((char) b) : "%" + HexFormat.of().withUpperCase().toHexDigits(b));
    }
    return out.toString();
  }
}
