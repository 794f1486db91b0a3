package dev.rivulet.bench;

import dev.rivulet.testing.Traffic;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;

/** What all figures of hydration need: both extensions, in probes, with a local file or without. */
record HydrationRig(
    Options options,
    BenchServer server,
    BenchData data,
    Path folder,
    Path program,
    Optional<Extension> ours,
    Extension theirs,
    Report report) {

  /** Litestream's fill is done in two; what takes longer has failed. */
  static final int DEADLINE_SECONDS = 60;

  /** Seconds, requests and memory of a database's way to being hydrated. */
  record Fill(double seconds, Traffic traffic, Probe.Memory memory) {}

  /** The parts are cases of their own, and {@code hydration} is all of them. */
  boolean wants(String part) {
    return options.wants(HydrationFigures.NAME)
        || options.wants(HydrationFigures.NAME + "-" + part);
  }

  List<Extension> extensions() {
    List<Extension> all = new ArrayList<>(ours.stream().toList());
    all.add(theirs);
    return all;
  }

  /** A process that does not hydrate. */
  Probe cold(Replica replica) throws IOException {
    server.proxy().reset();
    return Probe.start(program, folder, environment(replica));
  }

  /** A process that hydrates, into the file that there is. */
  Probe hydrating(Replica replica) throws IOException {
    return hydrating(replica, Map.of());
  }

  /** The same with more environment. */
  Probe hydrating(Replica replica, Map<String, String> more) throws IOException {
    Map<String, String> environment = environment(replica);
    environment.putAll(more);
    environment.put("LITESTREAM_HYDRATION_ENABLED", "true");
    environment.put("LITESTREAM_HYDRATION_PATH", file().toString());
    server.proxy().reset();
    return Probe.start(program, folder, environment);
  }

  /** Removes the local file and what either extension keeps beside it. */
  void forget() throws IOException {
    for (String suffix : List.of("", ".rivulet", ".meta")) {
      Files.deleteIfExists(Path.of(file() + suffix));
    }
  }

  /** A process that hydrates from nothing until it is complete, with no query meanwhile. */
  Fill fill(Extension extension, Replica replica) throws IOException {
    forget();
    try (Probe probe = hydrating(replica)) {
      probe.open(extension);
      probe.ask('r', "SELECT count(*) FROM sqlite_schema");
      probe.awaitHydrated(DEADLINE_SECONDS);
      return new Fill(probe.age(), server.proxy().traffic(), probe.memory());
    }
  }

  /** The database as a plain file that SQLite reads in WAL mode. */
  Path plain(Replica replica) throws IOException {
    Path copy = folder.resolve("plain-" + replica.path() + ".db");
    if (!Files.exists(copy)) {
      Files.copy(data.local(replica), copy);
    }
    try (Probe probe = Probe.start(program, folder, Map.of())) {
      probe.open('p', copy.toString());
      probe.ask('p', "PRAGMA journal_mode=WAL");
    }
    return copy;
  }

  private Path file() {
    return folder.resolve("hydrated.db");
  }

  private Map<String, String> environment(Replica replica) {
    Map<String, String> environment = new HashMap<>(server.credentials());
    environment.put("LITESTREAM_REPLICA_URL", server.replicaUrl(replica.path()));
    return environment;
  }

  static double median(List<Double> values) {
    return DoubleStream.of(values.stream().mapToDouble(d -> d).toArray())
        .sorted()
        .toArray()[(values.size() - 1) / 2];
  }

  static void same(String what, String answer, String expected) throws IOException {
    if (!answer.equals(expected)) {
      throw new IOException(
          "%s: the answer is\n%s\nbut the local database has\n%s"
              .formatted(what, answer, expected));
    }
  }
}
