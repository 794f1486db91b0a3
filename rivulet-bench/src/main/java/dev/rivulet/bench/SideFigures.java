package dev.rivulet.bench;

import dev.rivulet.testing.Latency;
import dev.rivulet.testing.ShopDatabase.Size;
import dev.rivulet.testing.ShopQuery;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.DoubleStream;

/** What is not one query in a cold process: yardsticks, warm repeats, memory. */
final class SideFigures {

  static final List<String> NAMES = List.of("start", "download", "warm", "memory", "follow");

  /** A scan waits for all bytes: as many streams as a client would reasonably open. */
  private static final int CONNECTIONS = 16;

  private static final String QUIET = "SELECT 1;\n";

  /** What the shell's statistics call a page that SQLite's own cache did not have. */
  private static final String PAGES_READ = "Page cache misses:";

  private final Options options;
  private final BenchServer server;
  private final BenchData data;
  private final Function<Replica, Sqlite> sqlite;
  private final Optional<Extension> ours;
  private final Extension theirs;
  private final Report report;

  SideFigures(
      Options options,
      BenchServer server,
      BenchData data,
      Function<Replica, Sqlite> sqlite,
      Optional<Extension> ours,
      Extension theirs,
      Report report) {
    this.options = options;
    this.server = server;
    this.data = data;
    this.sqlite = sqlite;
    this.ours = ours;
    this.theirs = theirs;
    this.report = report;
  }

  void measure() throws IOException {
    if (options.wants("start")) {
      start();
    }
    if (options.wants("download") || options.wants("sum")) {
      download();
    }
    if (ours.isPresent() && options.wants("follow")) {
      data.prepare(Replica.HUGE);
      for (Fact fact : new FollowFigure(server, sqlite.apply(Replica.HUGE), ours.get()).measure()) {
        report.add(fact);
      }
    }
    for (Extension extension : extensions()) {
      if (options.wants("warm")) {
        warm(extension);
      }
      if (options.wants("memory")) {
        memory(extension);
      }
    }
  }

  private List<Extension> extensions() {
    List<Extension> all = new ArrayList<>(ours.stream().toList());
    all.add(theirs);
    return all;
  }

  /** What a cold process costs before anything is read: the load alone, then the first open. */
  private void start() throws IOException {
    server.proxy().reset(Latency.NONE);
    Sqlite small = sqlite.apply(Replica.SMALL);
    report.add(Fact.of("start", "sqlite3 alone", milliseconds(median(small, QUIET))));
    for (Extension extension : extensions()) {
      String load = ".load '%s'\n".formatted(extension.library());
      String open = extension.open() + "SELECT 1 FROM sqlite_schema LIMIT 1;\n";
      report.add(
          Fact.of(
              "start",
              extension.name() + ", loaded / first row of 1 MB at no delay",
              milliseconds(median(small, load + QUIET))
                  + " / "
                  + milliseconds(median(small, open))));
    }
  }

  /**
   * The yardstick of the near sum: the object by parallel ranges through the same proxy, and the
   * same query on a local file.
   */
  private void download() throws IOException {
    String key = data.snapshotKey(Replica.SHOP);
    long size = server.size(key);
    server.proxy().reset(Latency.NONE);
    double direct = medianDownload(server.direct(key), size);
    double proxied = medianDownload(server.throughProxy(key), size);
    server.proxy().reset(Latency.NEAR);
    double near = medianDownload(server.throughProxy(key), size);
    report.add(
        Fact.of(
            "download",
            "%.1f MB by %d connections: from the server / through the proxy / near"
                .formatted(size / 1e6, CONNECTIONS),
            "%.3f / %.3f / %.3f s".formatted(direct, proxied, near)));

    Sqlite shop = sqlite.apply(Replica.SHOP);
    String sum = ShopQuery.SUM.sql(Size.LARGE);
    String onLocal = ".open '" + data.local(Replica.SHOP) + "'\n" + sum + "\n";
    double bare = median(shop, QUIET);
    double local = median(shop, onLocal) - bare;
    report.add(Fact.of("download", "sum on the local file, without process start", seconds(local)));
    if (ours.isPresent() && options.wants("sum") && options.networks().contains(Network.NEAR)) {
      // Process start is that of the process in question: with its JVM and the first open.
      server.proxy().reset(Latency.NONE);
      double start =
          median(
              sqlite.apply(Replica.SMALL),
              ours.get().open() + "SELECT 1 FROM sqlite_schema LIMIT 1;\n");
      server.proxy().reset(Latency.NEAR);
      double own = median(shop, ours.get().open() + sum + "\n");
      report.add(
          Fact.limited(
              "sum",
              "sum, near, against 2 x (download + local) + process start (%.3f s; sqlite3 alone %.3f s)"
                  .formatted(start, bare),
              own,
              2 * (near + local) + start,
              "s"));
    }
  }

  private double medianDownload(URI object, long size) throws IOException {
    double[] seconds = new double[options.runs()];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = server.download(CONNECTIONS).seconds(object, size);
    }
    return median(seconds);
  }

  /**
   * Asks each query twice in one process. A background poll may fall into the second time, so the
   * least of several repeats counts.
   */
  private void warm(Extension extension) throws IOException {
    server.proxy().reset(Latency.FAR);
    try (Sqlite.Session session = sqlite.apply(Replica.SHOP).session()) {
      session.ask(extension.open());
      for (ShopQuery query :
          List.of(ShopQuery.ROW, ShopQuery.ORDER, ShopQuery.JOIN, ShopQuery.SCATTERED)) {
        String sql = query.sql(Size.LARGE);
        session.ask(sql);
        int fewest = Integer.MAX_VALUE;
        for (int i = 0; i < options.runs(); i++) {
          server.proxy().reset();
          session.ask(sql);
          fewest = Math.min(fewest, server.proxy().traffic().requests());
        }
        session.ask(".stats on");
        // The shell prints what has come together since it last printed it.
        session.ask(sql);
        long misses = statistic(session.ask(sql), PAGES_READ);
        session.ask(".stats off");
        String name = query.name().toLowerCase(Locale.ROOT);
        String who = extension.name() + ", warm repeat of " + name;
        if (extension.equals(theirs)) {
          String value = fewest + " requests, " + misses + " pages read";
          report.add(Fact.of("warm", who, value));
        } else {
          report.add(Fact.limited("warm", who, fewest, 0, "requests"));
          // The scattered rows are more pages than SQLite's own cache holds.
          report.add(
              query == ShopQuery.SCATTERED
                  ? Fact.of("warm", who, misses + " pages read")
                  : Fact.limited("warm", who, (double) misses, 0, "pages read"));
        }
      }
    }
  }

  private static long statistic(List<String> lines, String label) throws IOException {
    for (String line : lines) {
      if (line.startsWith(label)) {
        return Long.parseLong(line.substring(label.length()).strip());
      }
    }
    throw new IOException("sqlite3 says nothing of " + label);
  }

  private void memory(Extension extension) throws IOException {
    server.proxy().reset(Latency.NEAR);
    try (Sqlite.Session session = sqlite.apply(Replica.SHOP).session()) {
      session.ask(extension.open());
      session.ask(ShopQuery.ROW.sql(Size.LARGE));
      fact(extension, "one row", session.residentMegabytes(), 80);
      if (!extension.equals(theirs) || options.full()) {
        session.ask(ShopQuery.SUM.sql(Size.LARGE));
        fact(extension, "a full scan", session.residentMegabytes(), 130);
      }
    }
  }

  private void fact(Extension extension, String after, double megabytes, double most) {
    String title = "%s, resident after %s".formatted(extension.name(), after);
    report.add(
        extension.equals(theirs)
            ? Fact.of("memory", title, "%.1f MB".formatted(megabytes))
            : Fact.limited("memory", title, megabytes, most, "MB"));
  }

  private double median(Sqlite sqlite, String script) throws IOException {
    double[] seconds = new double[options.runs()];
    for (int i = 0; i < seconds.length; i++) {
      seconds[i] = sqlite.cold(script, server.proxy()).seconds();
    }
    return median(seconds);
  }

  private static double median(double[] values) {
    return DoubleStream.of(values).sorted().toArray()[(values.length - 1) / 2];
  }

  private static String milliseconds(double seconds) {
    return "%.0f ms".formatted(seconds * 1e3);
  }

  private static String seconds(double seconds) {
    return "%.3f s".formatted(seconds);
  }
}
