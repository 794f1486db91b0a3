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
    Path store = folder.resolve("server.p12");
    Path authority = folder.resolve("authority.pem");
    keytool(
        folder,
        store,
        "-genkeypair -alias ca -keyalg EC -dname CN=Rivulet-test-authority"
            + " -ext bc:critical=ca:true -ext ku=keyCertSign");
    keytool(
        folder,
        store,
        "-genkeypair -alias server -signer ca -keyalg EC -dname CN=localhost"
            + " -ext san=dns:localhost,ip:127.0.0.1 -ext eku=serverAuth");
    keytool(folder, store, "-exportcert -rfc -alias ca -file " + authority.getFileName());
    // Or the server might show the authority's certificate as its own.
    keytool(folder, store, "-delete -alias ca");
    return new TestCertificates(authority, store);
  }

  private static void keytool(Path folder, Path store, String arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
    // It lives for a moment: the optimizing compiler would cost more than it saves.
    command.add("-J-XX:TieredStopAtLevel=1");
    command.addAll(List.of(arguments.split(" ", -1)));
    command.addAll(
        List.of("-keystore", store.toString(), "-storepass", PASSWORD, "-storetype", "PKCS12"));
    Path output = Files.createTempFile(folder, "keytool", ".out");
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
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
