package dev.rivulet.testing;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A private certificate authority, and a server's certificate for this machine signed by it.
 *
 * @param authority the authority's certificate, PEM
 * @param keyStore the server's key and chain, PKCS 12
 */
public record TestCertificates(Path authority, Path keyStore) {
  public static final String PASSWORD = "changeit";

  /** Makes both in a folder, by the JDK's keytool. */
  public static TestCertificates create(Path folder) throws IOException {
    Path authorityStore = folder.resolve("authority.p12");
    Path server = folder.resolve("server.p12");
    Path request = folder.resolve("server.csr");
    Path signed = folder.resolve("server.pem");
    Path authority = folder.resolve("authority.pem");
    keytool(
        authorityStore, "-genkeypair", "-alias", "ca", "-keyalg", "EC", "-dname",
        "CN=Rivulet test authority", "-ext", "bc:critical=ca:true", "-ext", "ku=keyCertSign");
    keytool(
        authorityStore, "-exportcert", "-rfc", "-alias", "ca", "-file", authority.toString());
    keytool(server, "-genkeypair", "-alias", "s", "-keyalg", "EC", "-dname", "CN=localhost");
    keytool(server, "-certreq", "-alias", "s", "-file", request.toString());
    keytool(
        authorityStore, "-gencert", "-rfc", "-alias", "ca", "-infile", request.toString(),
        "-outfile", signed.toString(), "-ext", "san=dns:localhost,ip:127.0.0.1", "-ext",
        "eku=serverAuth");
    keytool(server, "-importcert", "-noprompt", "-alias", "ca", "-file", authority.toString());
    keytool(server, "-importcert", "-noprompt", "-alias", "s", "-file", signed.toString());
    return new TestCertificates(authority, server);
  }

  private static void keytool(Path store, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    command.addAll(List.of(arguments));
    command.addAll(
        List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
    Path output = Files.createTempFile(store.getParent(), "keytool", ".out");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + Files.readString(output));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
