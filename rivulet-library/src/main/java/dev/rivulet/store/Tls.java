package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.OTHER;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import software.amazon.awssdk.crt.CrtRuntimeException;
import software.amazon.awssdk.crt.io.TlsContext;
import software.amazon.awssdk.crt.io.TlsContextOptions;

/** Whom an https connection trusts: the system's authorities, or those of a file that is named. */
final class Tls {
  private Tls() {}

  /** The variables that name a file of authorities (PEM), the more special one first. */
  private static final String[] VARIABLES = {"AWS_CA_BUNDLE", "SSL_CERT_FILE"};

  static TlsContext context(boolean skipVerify, Environment environment) throws StoreException {
    try (TlsContextOptions options = TlsContextOptions.createDefaultClient()) {
      if (skipVerify) {
        options.withVerifyPeer(false);
        return new TlsContext(options);
      }
      for (String variable : VARIABLES) {
        String file = environment.get(variable);
        if (file != null && !file.isBlank()) {
          return withAuthorities(options, variable, file);
        }
      }
      return new TlsContext(options);
    } catch (CrtRuntimeException e) {
      throw new StoreException(
          OTHER,
          "TLS could not be set up; this machine may have no list of certificate authorities"
              + " (Debian: apt-get install ca-certificates), or name a file of them in"
              + " SSL_CERT_FILE.",
          e);
    }
  }

  private static TlsContext withAuthorities(TlsContextOptions options, String variable, String file)
      throws StoreException {
    try {
      String pem = Files.readString(Path.of(file));
      if (!pem.contains("-----BEGIN CERTIFICATE-----")) {
        throw new IOException("it has no certificate in PEM form");
      }
      options.overrideDefaultTrustStore(pem);
      return new TlsContext(options);
    } catch (IOException | InvalidPathException | CrtRuntimeException e) {
      throw new StoreException(
          OTHER,
          "The certificate authorities in "
              + file
              + ", which "
              + variable
              + " names, cannot be used: "
              + e.getMessage()
              + ".",
          e);
    }
  }
}
