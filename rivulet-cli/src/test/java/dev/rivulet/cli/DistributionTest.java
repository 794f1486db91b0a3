package dev.rivulet.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The distribution's {@code bin/rivulet}, as a user runs it. */
class DistributionTest {
  private static final Path DIST = Path.of(System.getProperty("rivulet.dist", "dist/rivulet"));

  @TempDir Path folder;

  @BeforeAll
  static void mustBeBuilt() {
    assertThat(DIST.resolve("bin/rivulet")).as("the distribution: run ./build first").exists();
  }

  @Test
  void demoShowsTheRowsAndWhatTheyTook() throws Exception {
    Ran ran = rivulet("demo", "--dir", folder.toString());

    assertThat(ran.err()).isEmpty();
    assertThat(ran.code()).isZero();
    assertThat(ran.out())
        .containsPattern("Reuben +1 ")
        .contains("\"lists\":1")
        .containsPattern("Reuben +5 +1")
        .containsPattern("1 +Reuben +5 ");
  }

  @Test
  void shellOpensTheReplicaInTheStockSqlite3() throws Exception {
    String url = replica();

    Ran ran = rivulet("shell", url, "-json", "SELECT sandwich FROM sandwich_ratings WHERE id = 2");

    assertThat(ran.err()).isEmpty();
    assertThat(ran.out()).isEqualTo("[{\"sandwich\":\"BLT\"}]\n");
    assertThat(ran.code()).isZero();
  }

  @Test
  void shellFailsWhereThereIsNoReplica() throws Exception {
    Ran ran = rivulet("shell", "file://" + folder.resolve("nothing"), "SELECT 'lies'");

    assertThat(ran.code()).isNotZero();
    assertThat(ran.out()).doesNotContain("lies");
    assertThat(ran.err()).contains("unable to open database");
  }

  @Test
  void worksThroughASymbolicLinkFromAnyFolderAndWithSpaces() throws Exception {
    Path home = folder.resolve("a b 'c'");
    copy(DIST, home);
    Path link = folder.resolve("link");
    Files.createSymbolicLink(link, Path.of("a b 'c'", "bin", "rivulet"));
    String url = replica();

    assertThat(run(link, "--version").out()).startsWith("rivulet ");
    Ran shell = run(link, "shell", url, "SELECT count(*) FROM sandwich_ratings");
    assertThat(shell.err()).isEmpty();
    assertThat(shell.out()).isEqualTo("7\n");
    assertThat(run(link, "restore", url, "-o", "r.db").code()).isZero();
    assertThat(folder.resolve("r.db")).exists();
  }

  @Test
  void aReaderThatGoesAwayIsNoNoise() throws Exception {
    Ran ran = shell("'" + DIST.resolve("bin/rivulet") + "' info '" + replica() + "' | true");

    assertThat(ran.err()).isEmpty();
  }

  @Test
  void aFullDiskIsAnError() throws Exception {
    Ran ran = shell("'" + DIST.resolve("bin/rivulet") + "' --version > /dev/full");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.err()).contains("standard output");
  }

  @Test
  void ctrlCRemovesWhatWasBegun() throws Exception {
    HttpServer silent = serverOfOneObjectThatNeverComes();
    try {
      Path output = folder.resolve("out.db");
      Process process =
          // A shell's background job, as a CI run may be one, has SIGINT ignored, and hands that
          // on.
          new ProcessBuilder(
                  "env",
                  "--default-signal=INT",
                  DIST.resolve("bin/rivulet").toString(),
                  "restore",
                  "s3://bucket/db?anonymous=true&region=us-east-1&endpoint=http://127.0.0.1:"
                      + silent.getAddress().getPort(),
                  "-o",
                  output.toString())
              .redirectErrorStream(true)
              .redirectOutput(folder.resolve("log").toFile())
              .start();
      while (process.isAlive() && !hasTemporary()) {
        Thread.sleep(5);
      }
      assertThat(hasTemporary()).as(() -> read(folder.resolve("log"))).isTrue();
      new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();

      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
      assertThat(process.exitValue()).isEqualTo(130);
      assertThat(hasTemporary()).isFalse();
      assertThat(output).doesNotExist();
      assertThat(folder.resolve("log")).hasContent("rivulet: interrupted\n");
    } finally {
      silent.stop(0);
    }
  }

  /** Lists one LTX file, and never answers a request for its bytes. */
  private static HttpServer serverOfOneObjectThatNeverComes() throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] listing =
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>bucket</Name>
        <Prefix>db/000</Prefix><KeyCount>1</KeyCount><MaxKeys>1000</MaxKeys>
        <IsTruncated>false</IsTruncated><Contents>
        <Key>db/0000/0000000000000001-0000000000000001.ltx</Key>
        <LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag>
        <Size>5000</Size></Contents></ListBucketResult>
        """
            .getBytes(StandardCharsets.UTF_8);
    server.createContext(
        "/",
        exchange -> {
          if (exchange.getRequestURI().getQuery() != null) {
            exchange.sendResponseHeaders(200, listing.length);
            exchange.getResponseBody().write(listing);
            exchange.close();
          }
        });
    server.start();
    return server;
  }

  @Test
  void nothingIsPrintedOnStandardOutputWhenItFails() throws Exception {
    Ran ran = rivulet("restore", "file://" + folder.resolve("nothing"), "-o", "x.db");

    assertThat(ran.code()).isEqualTo(1);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).contains("There is no replica at");
  }

  private boolean hasTemporary() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.anyMatch(file -> file.getFileName().toString().contains(".restore-"));
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String replica() throws IOException, InterruptedException {
    Ran ran = rivulet("demo", "--only-replica", "--dir", folder.toString());
    assertThat(ran.err()).isEmpty();
    return ran.out().strip();
  }

  private Ran rivulet(String... words) throws IOException, InterruptedException {
    return run(DIST.resolve("bin/rivulet"), words);
  }

  private Ran shell(String line) throws IOException, InterruptedException {
    return run(Path.of("/bin/sh"), "-c", line);
  }

  /** Runs a program in the test's folder; what belongs to this machine's user does not reach it. */
  private Ran run(Path program, String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program.toString()));
    command.addAll(List.of(words));
    Path out = Files.createTempFile("rivulet-test", ".out");
    Path err = Files.createTempFile("rivulet-test", ".err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(folder.toFile())
              .redirectInput(new File("/dev/null"))
              .redirectOutput(out.toFile())
              .redirectError(err.toFile());
      builder.environment().put("HOME", folder.toString());
      Process process = builder.start();
      if (!process.waitFor(60, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new AssertionError(String.join(" ", command) + " hangs: " + read(err));
      }
      return new Ran(process.exitValue(), read(out), read(err));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  private static void copy(Path from, Path to) throws IOException, InterruptedException {
    assertThat(
            new ProcessBuilder("cp", "-a", from + "/.", Files.createDirectory(to).toString())
                .start()
                .waitFor())
        .isZero();
  }
}
