package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.FORBIDDEN;

import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.crt.auth.credentials.Credentials;
import software.amazon.awssdk.crt.auth.credentials.CredentialsProvider;
import software.amazon.awssdk.crt.auth.credentials.DefaultChainCredentialsProvider;

/**
 * Who signs the requests: the first of these that there is.
 *
 * <ol>
 *   <li>nobody, if the replica URL says {@code anonymous=true};
 *   <li>{@code AWS_ACCESS_KEY_ID} and {@code AWS_SECRET_ACCESS_KEY}, with {@code
 *       AWS_SESSION_TOKEN};
 *   <li>{@code LITESTREAM_ACCESS_KEY_ID} and {@code LITESTREAM_SECRET_ACCESS_KEY};
 *   <li>AWS's own chain: profile files, web identity, container and instance metadata.
 * </ol>
 */
final class S3Credentials implements AutoCloseable {
  private final @Nullable Credentials fixed;
  private final @Nullable CredentialsProvider chain;
  private final boolean anonymous;

  private S3Credentials(
      @Nullable Credentials fixed, @Nullable CredentialsProvider chain, boolean anonymous) {
    this.fixed = fixed;
    this.chain = chain;
    this.anonymous = anonymous;
  }

  static S3Credentials of(S3Location location, Environment environment, CrtRuntime runtime) {
    if (location.anonymous()) {
      return new S3Credentials(null, null, true);
    }
    // Litestream looks for each of the two in this order, so that they may even be mixed.
    String id = either(environment, "AWS_ACCESS_KEY_ID", "LITESTREAM_ACCESS_KEY_ID");
    String secret = either(environment, "AWS_SECRET_ACCESS_KEY", "LITESTREAM_SECRET_ACCESS_KEY");
    if (!id.isEmpty() && !secret.isEmpty()) {
      // A token belongs to the key that AWS's variable names, not to Litestream's.
      String token =
          id.equals(either(environment, "AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY_ID"))
              ? either(environment, "AWS_SESSION_TOKEN", "AWS_SESSION_TOKEN")
              : "";
      Credentials given =
          new Credentials(utf8(id), utf8(secret), token.isEmpty() ? null : utf8(token));
      return new S3Credentials(given, null, false);
    }
    return new S3Credentials(
        null,
        new DefaultChainCredentialsProvider.DefaultChainCredentialsProviderBuilder()
            .withClientBootstrap(runtime.bootstrap())
            .build(),
        false);
  }

  private static String either(Environment environment, String first, String second) {
    String value = environment.get(first);
    if (value == null || value.isBlank()) {
      value = environment.get(second);
    }
    return value == null ? "" : value.strip();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  boolean anonymous() {
    return anonymous;
  }

  /** The credentials as they are now; temporary ones are renewed by the chain. */
  CompletableFuture<Credentials> current() {
    CredentialsProvider provider = chain;
    if (provider == null) {
      return CompletableFuture.completedFuture(fixed);
    }
    return Pending.failing(provider.getCredentials(), S3Credentials::missing);
  }

  static StoreException missing(Throwable cause) {
    return new StoreException(
        FORBIDDEN,
        "No credentials for S3 were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or"
            + " AWS_PROFILE; for a public bucket add anonymous=true to the replica URL.",
        cause);
  }

  @Override
  public void close() {
    if (chain != null) {
      chain.close();
    }
  }
}
