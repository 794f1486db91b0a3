package dev.rivulet.bench;

import static dev.rivulet.bench.HydrationRig.median;

import dev.rivulet.testing.ShopDatabase.Size;
import dev.rivulet.testing.ShopQuery;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How fast a hydrated database is read, against plain SQLite on a copy of it: in processes that
 * take turns, by the same statements with the same keys.
 */
final class HydratedFigures {

  private static final String KEYED =
      "SELECT id, customer_id, placed_at, status, total, note FROM orders WHERE id = ?1";

  /** A fifth of a second or so. */
  private static final int COUNT = 20_000;

  /** Of Litestream's, which take fifty times as long. */
  private static final int THEIR_COUNT = 1_000;

  private static final Map<String, String> SCANS = scans();

  private final HydrationRig rig;

  HydratedFigures(HydrationRig rig) {
    this.rig = rig;
  }

  /** Each reads more than SQLite's cache of 2 MB holds. */
  private static Map<String, String> scans() {
    Map<String, String> scans = new LinkedHashMap<>();
    scans.put("sum over all tables", ShopQuery.SUM.sql(Size.LARGE));
    scans.put(
        "join of all items, orders and products",
        "SELECT count(*), sum(i.quantity * p.price), max(o.placed_at) FROM orders o"
            + " JOIN items i ON i.order_id = o.id JOIN products p ON p.id = i.product_id");
    scans.put(
        "all items by an index, with their rows",
        "SELECT sum(price) FROM items INDEXED BY"
            + " items_by_product WHERE product_id BETWEEN 1000 AND 2500");
    return scans;
  }

  void measure() throws IOException {
    if (!rig.wants("keys") && !rig.wants("scans") && !rig.wants("threads")) {
      return;
    }
    rig.data().prepare(Replica.SHOP);
    rig.server().proxy().reset(Network.NEAR.latency());
    Path plain = rig.plain(Replica.SHOP);
    for (Extension extension : rig.extensions()) {
      rig.forget();
      with(
          plain,
          extension,
          Map.of(),
          (local, probe) -> {
            if (rig.wants("keys")) {
              keys(local, probe, extension);
            }
            if (rig.wants("scans")) {
              scans(local, probe, extension);
            }
          });
      // Each of Litestream's connections has a hydrator of its own, which would begin the one
      // file anew.
      if (rig.wants("threads") && !extension.equals(rig.theirs())) {
        with(plain, extension, Map.of(), (local, probe) -> threads(local, probe, ""));
        // Debian's SQLite has no lookaside memory, and counts each allocation under one lock of the
        // process: eight of them in a transaction of six microseconds.
        with(
            plain,
            extension,
            Map.of("PROBE_UNCOUNTED", "1"),
            (local, probe) -> threads(local, probe, ", SQLite not counting its memory"));
      }
    }
  }

  private interface Measurement {
    void take(Probe local, Probe probe) throws IOException;
  }

  /** Takes a measurement with a process that reads the plain file, and one that has hydrated. */
  private void with(
      Path plain, Extension extension, Map<String, String> environment, Measurement measurement)
      throws IOException {
    try (Probe local = Probe.start(rig.program(), rig.folder(), environment);
        Probe probe = rig.hydrating(Replica.SHOP, environment)) {
      // It keeps the WAL open, which the last of the threads' connections would else close.
      local.open('p', plain.toString());
      local.ask('p', "SELECT count(*) FROM sqlite_schema");
      probe.open(extension);
      probe.ask('r', "SELECT count(*) FROM sqlite_schema");
      probe.awaitHydrated(HydrationRig.DEADLINE_SECONDS);
      measurement.take(local, probe);
    }
  }

  private void keys(Probe local, Probe probe, Extension extension) throws IOException {
    int count = extension.equals(rig.theirs()) ? THEIR_COUNT : COUNT;
    List<Double> plain = new ArrayList<>();
    List<Double> hydrated = new ArrayList<>();
    List<Double> speeds = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    for (int run = 0; run <= rig.options().runs(); run++) {
      Probe.Reading plainly = local.keys('p', 1, count, Size.LARGE.orders(), KEYED);
      Probe.Reading read = probe.keys('r', 1, count, Size.LARGE.orders(), KEYED);
      HydrationRig.same(extension.name(), read.answer(), plainly.answer());
      if (run > 0) { // The first compiles and fills caches.
        plain.add(plainly.seconds() / count * 1e6);
        hydrated.add(read.seconds() / count * 1e6);
        speeds.add(plainly.seconds() / read.seconds());
        processor.add(plainly.processor() / read.processor());
      }
    }
    atLeast(
        "hydration-keys",
        "one row by key, autocommit: %s, %.2f µs, plain SQLite %.2f µs (by processor time %.2f x): speed"
            .formatted(extension.name(), median(hydrated), median(plain), median(processor)),
        extension,
        median(speeds),
        0.8);
  }

  private void scans(Probe local, Probe probe, Extension extension) throws IOException {
    for (Map.Entry<String, String> scan : SCANS.entrySet()) {
      List<Double> plain = new ArrayList<>();
      List<Double> hydrated = new ArrayList<>();
      List<Double> speeds = new ArrayList<>();
      List<Double> processor = new ArrayList<>();
      for (int run = 0; run <= rig.options().runs(); run++) {
        Probe.Reading plainly = local.scan('p', 1, scan.getValue());
        Probe.Reading read = probe.scan('r', 1, scan.getValue());
        HydrationRig.same(extension.name(), read.answer(), plainly.answer());
        if (run > 0) {
          plain.add(plainly.seconds());
          hydrated.add(read.seconds());
          speeds.add(plainly.seconds() / read.seconds());
          processor.add(plainly.processor() / read.processor());
        }
      }
      atLeast(
          "hydration-scans",
          "%s: %s, %.3f s, plain SQLite %.3f s (by processor time %.2f x): speed"
              .formatted(
                  scan.getKey(),
                  extension.name(),
                  median(hydrated),
                  median(plain),
                  median(processor)),
          extension,
          median(speeds),
          0.9);
    }
  }

  /**
   * Plain SQLite's own gain tells what the machine, and what else runs on it, allows; that by
   * processor time what two idle cores would, but for waiting.
   */
  private void threads(Probe local, Probe probe, String how) throws IOException {
    for (boolean keyed : new boolean[] {true, false}) {
      List<Gain> plain = new ArrayList<>();
      List<Gain> hydrated = new ArrayList<>();
      for (int run = 0; run <= rig.options().runs(); run++) {
        Gain plainly = gain(local, 'p', keyed);
        Gain read = gain(probe, 'r', keyed);
        if (run > 0) {
          plain.add(plainly);
          hydrated.add(read);
        }
      }
      rig.report()
          .add(
              Fact.atLeast(
                  "hydration-threads",
                  "two threads against one, %s%s (by processor time %.2f x; plain SQLite %.2f and %.2f x)"
                      .formatted(
                          keyed ? "rows by key" : "sum over all tables",
                          how,
                          median(hydrated.stream().map(Gain::processor).toList()),
                          median(plain.stream().map(Gain::time).toList()),
                          median(plain.stream().map(Gain::processor).toList())),
                  median(hydrated.stream().map(Gain::time).toList()),
                  1.7,
                  "x"));
    }
  }

  /** How many times as much two threads read in a second, of time and of a processor each. */
  private record Gain(double time, double processor) {}

  private static Gain gain(Probe probe, char name, boolean keyed) throws IOException {
    Probe.Reading one = read(probe, name, 1, keyed);
    Probe.Reading two = read(probe, name, 2, keyed);
    return new Gain(2 * one.seconds() / two.seconds(), 2 * one.processor() / (two.processor() / 2));
  }

  private static Probe.Reading read(Probe probe, char name, int threads, boolean keyed)
      throws IOException {
    return keyed
        ? probe.keys(name, threads, COUNT, Size.LARGE.orders(), KEYED)
        : probe.scan(name, threads, ShopQuery.SUM.sql(Size.LARGE));
  }

  private void atLeast(String name, String title, Extension extension, double value, double least) {
    rig.report()
        .add(
            extension.equals(rig.theirs())
                ? Fact.of(name, title, "%.2f x".formatted(value))
                : Fact.atLeast(name, title, value, least, "x"));
  }
}
