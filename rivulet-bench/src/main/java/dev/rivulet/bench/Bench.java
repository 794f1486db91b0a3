package dev.rivulet.bench;

import dev.rivulet.testing.Latency;
import dev.rivulet.testing.Litestream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The benchmark's program: sets up, runs the cases that were asked for, reports. */
public final class Bench {

  private final Options options;
  private final BenchServer server;
  private final BenchData data;
  private final Path folder;
  private final Optional<Extension> ours;
  private final Extension theirs;
  private final Report report = new Report();

  private Bench(
      Options options,
      BenchServer server,
      BenchData data,
      Path folder,
      Optional<Extension> ours,
      Extension theirs) {
    this.options = options;
    this.server = server;
    this.data = data;
    this.folder = folder;
    this.ours = ours;
    this.theirs = theirs;
  }

  /**
   * Runs the benchmark.
   *
   * @param arguments as {@code ./bench --help} says; the system property {@code rivulet.root} is
   *     the project's folder
   */
  public static void main(String[] arguments) throws IOException {
    List<String> known = new ArrayList<>(BenchCase.ALL.stream().map(BenchCase::name).toList());
    known.addAll(SideFigures.NAMES);
    known.addAll(HydrationFigures.NAMES);
    if (List.of(arguments).contains("--help")) {
      System.out.print(Options.USAGE);
      System.out.println("Cases: " + String.join(", ", known));
      return;
    }
    try {
      run(Options.parse(List.of(arguments), known));
    } catch (Options.UsageException e) {
      System.err.println(e.getMessage() + "\n\n" + Options.USAGE);
      System.err.println("Cases: " + String.join(", ", known));
      System.exit(2);
    }
  }

  private static void run(Options options) throws IOException {
    Path root = Path.of(System.getProperty("rivulet.root", "."));
    Path folder = BenchData.folder(root.resolve("rivulet-bench/target/bench-data"));
    Path built = root.resolve("dist/rivulet/litestream.so").toAbsolutePath();
    Optional<Extension> ours =
        Files.exists(built) ? Optional.of(new Extension("rivulet", built)) : Optional.empty();
    if (ours.isEmpty()) {
      System.err.println(
          "There is no dist/rivulet/litestream.so: run ./build for it. Litestream runs alone.");
    }
    Litestream litestream = Litestream.setUp();
    Extension theirs = new Extension("litestream", litestream.extension());
    try (BenchServer server = BenchServer.start(folder.resolve("objects"))) {
      BenchData data = new BenchData(folder, server, litestream);
      new Bench(options, server, data, folder, ours, theirs).measure();
    }
  }

  private void measure() throws IOException {
    warmUp();
    for (BenchCase benchCase : BenchCase.ALL) {
      for (Network network : options.networks()) {
        if (options.wants(benchCase.name()) && benchCase.limits().containsKey(network)) {
          compare(benchCase, network);
        }
      }
    }
    new SideFigures(options, server, data, this::sqlite, ours, theirs, report).measure();
    HydrationFigures.measure(options, server, data, folder, ours, theirs, report);
    report.end();
    if (options.json().isPresent()) {
      report.writeJson(options.json().get());
    }
  }

  /** Compiles the server's and the proxy's code, and brings both extensions into the page cache. */
  private void warmUp() throws IOException {
    data.prepare(Replica.SHOP);
    data.prepare(Replica.SMALL);
    String key = data.snapshotKey(Replica.SHOP);
    server.proxy().reset(Latency.NONE);
    for (int i = 0; i < 10; i++) {
      server.download(16).seconds(server.throughProxy(key), server.size(key));
    }
    Sqlite sqlite = sqlite(Replica.SMALL);
    for (int i = 0; i < 2; i++) {
      sqlite.cold(theirs.open() + "SELECT 1 FROM sqlite_schema;\n", server.proxy());
      if (ours.isPresent()) {
        sqlite.cold(ours.get().open() + "SELECT 1 FROM sqlite_schema;\n", server.proxy());
      }
    }
  }

  private Sqlite sqlite(Replica replica) {
    Map<String, String> environment = new HashMap<>(server.credentials());
    environment.put("LITESTREAM_REPLICA_URL", server.replicaUrl(replica.path()));
    return new Sqlite(folder, environment);
  }

  private void compare(BenchCase benchCase, Network network) throws IOException {
    data.prepare(benchCase.replica());
    server.proxy().reset(Latency.NONE);
    Sqlite sqlite = sqlite(benchCase.replica());
    String expected =
        benchCase.replica() == Replica.HUGE
            ? BenchCase.hugeAnswer()
            : sqlite
                .local(data.local(benchCase.replica()), benchCase.sql(), server.proxy())
                .answer();
    server.proxy().reset(network.latency());
    int theirRuns =
        switch (benchCase.theirs()) {
          case ALWAYS -> options.runs();
          case ONCE -> 1;
          case IF_FULL -> options.full() ? 1 : 0;
        };
    List<Measurement> ourRuns = new ArrayList<>();
    List<Measurement> theirRunsDone = new ArrayList<>();
    for (int run = 0; run < options.runs(); run++) {
      if (ours.isPresent()) {
        ourRuns.add(checked(sqlite, ours.get(), benchCase, expected));
      }
      if (run < theirRuns) {
        theirRunsDone.add(checked(sqlite, theirs, benchCase, expected));
      }
    }
    Optional<Measurement> our = median(ourRuns);
    Optional<Measurement> their = median(theirRunsDone);
    Optional<Double> theirSeconds =
        their
            .map(Measurement::seconds)
            .or(() -> Optional.ofNullable(benchCase.recorded().get(network)));
    report.add(
        new Row(
            benchCase,
            network,
            our,
            their,
            theirSeconds,
            benchCase.limits().getOrDefault(network, List.of())));
    if (options.trace()) {
      our.ifPresent(m -> System.out.println(m.traffic().trace()));
    }
  }

  private Measurement checked(
      Sqlite sqlite, Extension extension, BenchCase benchCase, String expected) throws IOException {
    Measurement run = sqlite.cold(extension.open() + benchCase.sql() + "\n", server.proxy());
    if (!run.answer().equals(expected)) {
      throw new IOException(
          "%s answers the case %s with\n%s\nbut the local database has\n%s"
              .formatted(extension.name(), benchCase.name(), run.answer(), expected));
    }
    return run;
  }

  private static Optional<Measurement> median(List<Measurement> runs) {
    return runs.isEmpty() ? Optional.empty() : Optional.of(Measurement.median(runs));
  }
}
