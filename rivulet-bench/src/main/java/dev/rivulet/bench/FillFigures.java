package dev.rivulet.bench;

import static dev.rivulet.bench.HydrationRig.median;

import dev.rivulet.bench.HydrationRig.Fill;
import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.Exchange.Kind;
import dev.rivulet.testing.ShopDatabase.Size;
import dev.rivulet.testing.ShopQuery;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What filling costs: time, requests, memory, and the first row of who does not wait for it. */
final class FillFigures {

  private static final int CONNECTIONS = 16;

  /** Time for the process without hydration to do what it does in the background. */
  private static final int SETTLE_MILLIS = 2500;

  private final HydrationRig rig;

  FillFigures(HydrationRig rig) {
    this.rig = rig;
  }

  void measure() throws IOException {
    rig.data().prepare(Replica.SHOP);
    for (Network network : rig.options().networks()) {
      rig.server().proxy().reset(network.latency());
      if (rig.wants("fill")) {
        fill(network);
      }
      if (rig.wants("first") && network == Network.FAR) {
        first();
      }
      if (rig.wants("memory") && network == Network.FAR) {
        memory();
      }
    }
  }

  /** Against what anybody could do by hand: the object in parallel ranges, then the decoder. */
  private void fill(Network network) throws IOException {
    List<Double> downloads = new ArrayList<>();
    List<Double> decodings = new ArrayList<>();
    List<Double> both = new ArrayList<>();
    Map<String, List<Fill>> fills = new HashMap<>();
    for (int run = 0; run < rig.options().runs(); run++) {
      for (Extension extension : rig.extensions()) {
        fills
            .computeIfAbsent(extension.name(), name -> new ArrayList<>())
            .add(rig.fill(extension, Replica.SHOP));
      }
      if (rig.ours().isPresent()) {
        Path replica = rig.folder().resolve("downloaded");
        downloads.add(download(replica));
        decodings.add(decode(rig.ours().get(), replica));
        both.add(downloads.getLast() + decodings.getLast());
      }
    }
    Fill their = medianFill(fills.getOrDefault(rig.theirs().name(), List.of()));
    describe(rig.theirs(), network, their);
    if (rig.ours().isEmpty()) {
      return;
    }
    Fill our = medianFill(fills.getOrDefault(rig.ours().get().name(), List.of()));
    describe(rig.ours().get(), network, our);
    rig.report()
        .add(
            Fact.atLeast(
                "hydration-fill",
                "fill, %s: speed against download (%.3f s) + decoding (%.3f s) = %.3f s"
                    .formatted(network.label(), median(downloads), median(decodings), median(both)),
                median(both) / our.seconds(),
                0.7,
                "x"));
    rig.report()
        .add(
            Fact.limited(
                "hydration-fill",
                "fill, %s: time against litestream's".formatted(network.label()),
                our.seconds() / their.seconds(),
                1,
                "x"));
    long gets = our.traffic().count(Kind.GET);
    rig.report()
        .add(
            Fact.limited(
                "hydration-fill",
                "requests to hydrate the snapshot, %s (%d of them GET, %d of these of the snapshot)"
                    .formatted(network.label(), gets, ofSnapshot(our)),
                our.traffic().requests(),
                30,
                "requests"));
    if (rig.options().trace()) {
      System.out.println(our.traffic().trace());
    }
  }

  private long ofSnapshot(Fill fill) {
    String key = rig.data().snapshotKey(Replica.SHOP);
    return fill.traffic().exchanges().stream()
        .filter(e -> e.kind() == Kind.GET)
        .map(Exchange::key)
        .filter(k -> k.endsWith(key))
        .count();
  }

  private void describe(Extension extension, Network network, Fill fill) {
    rig.report()
        .add(
            Fact.of(
                "hydration-fill",
                "fill, %s: %s, process start included".formatted(network.label(), extension.name()),
                "%.3f s, %s, peak %.0f MB"
                    .formatted(fill.seconds(), fill.traffic(), fill.memory().peak())));
  }

  private static Fill medianFill(List<Fill> fills) {
    return fills.stream()
        .sorted(Comparator.comparingDouble(Fill::seconds))
        .toList()
        .get((fills.size() - 1) / 2);
  }

  /** The snapshot as a replica in a folder. */
  private double download(Path replica) throws IOException {
    String key = rig.data().snapshotKey(Replica.SHOP);
    Path level = Files.createDirectories(replica.resolve("ltx/9"));
    Path file = level.resolve(key.substring(key.lastIndexOf('/') + 1));
    long size = rig.server().size(key);
    return rig.server().download(CONNECTIONS).seconds(rig.server().throughProxy(key), size, file);
  }

  private double decode(Extension ours, Path replica) throws IOException {
    Path command = ours.library().resolveSibling("bin/rivulet");
    Path output = rig.folder().resolve("decoded.db");
    Files.deleteIfExists(output);
    ProcessBuilder builder =
        new ProcessBuilder(
            command.toString(), "restore", "file://" + replica, "-o", output.toString());
    builder.redirectErrorStream(true).redirectOutput(rig.folder().resolve("restore.log").toFile());
    long start = System.nanoTime();
    try {
      if (builder.start().waitFor() != 0) {
        throw new IOException(
            "rivulet restore failed: " + Files.readString(rig.folder().resolve("restore.log")));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("Interrupted", e);
    }
    double seconds = (System.nanoTime() - start) / 1e9;
    Files.delete(output);
    return seconds;
  }

  /** From the process's start to the row. */
  private void first() throws IOException {
    String sql = ShopQuery.ROW.sql(Size.LARGE);
    String expected = expected(sql);
    for (Extension extension : rig.extensions()) {
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      for (int run = 0; run < rig.options().runs(); run++) {
        without.add(firstRow(rig.cold(Replica.SHOP), extension, sql, expected));
        rig.forget();
        with.add(firstRow(rig.hydrating(Replica.SHOP), extension, sql, expected));
      }
      String title =
          "first row while hydrating, far: %s, %.3f s, without hydration %.3f s"
              .formatted(extension.name(), median(with), median(without));
      add("hydration-first", title, extension, median(with) / median(without), 1.2, "x");
    }
  }

  private double firstRow(Probe probe, Extension extension, String sql, String expected)
      throws IOException {
    try {
      probe.open(extension);
      String answer = probe.ask('r', sql);
      double seconds = probe.age();
      HydrationRig.same(extension.name(), answer, expected);
      return seconds;
    } finally {
      probe.kill();
    }
  }

  private void memory() throws IOException {
    String sql = ShopQuery.ROW.sql(Size.LARGE);
    for (Extension extension : rig.extensions()) {
      List<Double> without = new ArrayList<>();
      List<Double> with = new ArrayList<>();
      List<Double> anonymous = new ArrayList<>();
      for (int run = 0; run < rig.options().runs(); run++) {
        try (Probe probe = rig.cold(Replica.SHOP)) {
          probe.open(extension);
          probe.ask('r', sql);
          Thread.sleep(SETTLE_MILLIS);
          without.add(probe.memory().peak());
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("Interrupted", e);
        }
        rig.forget();
        try (Probe probe = rig.hydrating(Replica.SHOP)) {
          probe.open(extension);
          probe.ask('r', sql);
          probe.awaitHydrated(HydrationRig.DEADLINE_SECONDS);
          with.add(probe.memory().peak());
          anonymous.add(probe.memory().anonymous());
        }
      }
      String title =
          "memory while hydrating: %s, peak %.1f MB (anonymous at the end %.1f MB), without %.1f MB: more"
              .formatted(extension.name(), median(with), median(anonymous), median(without));
      add("hydration-memory", title, extension, median(with) - median(without), 64, "MB");
    }
  }

  private void add(
      String name, String title, Extension extension, double value, double most, String unit) {
    rig.report()
        .add(
            extension.equals(rig.theirs())
                ? Fact.of(name, title, "%.2f %s".formatted(value, unit))
                : Fact.limited(name, title, value, most, unit));
  }

  private String expected(String sql) throws IOException {
    try (Probe probe = Probe.start(rig.program(), rig.folder(), Map.of())) {
      probe.open('p', rig.data().local(Replica.SHOP).toString());
      return probe.ask('p', sql);
    }
  }
}
