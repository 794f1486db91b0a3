package dev.rivulet.bench;

import dev.rivulet.testing.Exchange;
import dev.rivulet.testing.Exchange.Kind;
import dev.rivulet.testing.Traffic;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A start with the file that an earlier process left, and transactions that came meanwhile. */
final class KeptFigures {

  private static final long NEWEST = 101;

  private final HydrationRig rig;
  private long indexOffset;

  KeptFigures(HydrationRig rig) {
    this.rig = rig;
  }

  void measure() throws IOException {
    if (!rig.wants("kept") || !rig.options().networks().contains(Network.FAR)) {
      return;
    }
    rig.data().prepare(Replica.KEPT);
    indexOffset = findIndex();
    for (Extension extension : rig.extensions()) {
      // Left by a run that was ended.
      withdraw();
      rig.server().proxy().reset(Network.NEAR.latency());
      rig.fill(extension, Replica.KEPT);
      publish();
      try {
        restart(extension);
      } finally {
        withdraw();
      }
    }
  }

  private void restart(Extension extension) throws IOException {
    rig.server().proxy().reset(Network.FAR.latency());
    try (Probe probe = rig.hydrating(Replica.KEPT)) {
      probe.open(extension);
      check(probe, extension, NEWEST);
      double seconds = probe.age();
      Traffic first = rig.server().proxy().traffic();
      // What the rest costs once more is asked of what changed first, and of what did not.
      check(probe, extension, 2);
      check(probe, extension, NEWEST + 1);
      // A hydration that Litestream resumes says 0.0 for ever.
      if (!extension.equals(rig.theirs())) {
        probe.awaitHydrated(HydrationRig.DEADLINE_SECONDS);
      }
      double complete = probe.age();
      Traffic all = rig.server().proxy().traffic();
      String title = "start with a kept file and 100 new files, far: " + extension.name();
      rig.report()
          .add(
              Fact.of(
                  "hydration-kept",
                  title,
                  "first row after %.3f s: %s; after three rows and hydration, %.3f s: %s"
                      .formatted(seconds, first, complete, all)));
      String sequence = "round trips in sequence to the first row: " + extension.name();
      List<Exchange> base = ofBase(all);
      long pages = base.stream().filter(this::ofPages).count();
      String again =
          "GETs of the kept file's snapshot that are for its pages (%d in all, %d bytes): %s"
              .formatted(
                  base.size(),
                  base.stream().mapToLong(Exchange::responseBytes).sum(),
                  extension.name());
      if (extension.equals(rig.theirs())) {
        rig.report().add(Fact.of("hydration-kept", sequence, first.inSequence() + " in sequence"));
        rig.report().add(Fact.of("hydration-kept", again, pages + " GET"));
      } else {
        rig.report()
            .add(Fact.limited("hydration-kept", sequence, first.inSequence(), 3, "in sequence"));
        rig.report().add(Fact.limited("hydration-kept", again, (double) pages, 0, "GET"));
      }
      if (rig.options().trace()) {
        System.out.println(first.trace());
      }
    }
  }

  private static void check(Probe probe, Extension extension, long txid) throws IOException {
    long row = GeneratedReplica.rowOfKept(txid);
    HydrationRig.same(
        extension.name(),
        probe.ask('r', "SELECT rtrim(value, '.') FROM entries WHERE id = " + row),
        GeneratedReplica.kept(NEWEST).value(row));
  }

  private List<Exchange> ofBase(Traffic traffic) {
    String key = rig.data().snapshotKey(Replica.KEPT);
    return traffic.exchanges().stream()
        .filter(e -> e.kind() == Kind.GET && e.key().endsWith(key))
        .toList();
  }

  /** Any but the one for the head, and those for the index, the end of which is the file's. */
  private boolean ofPages(Exchange get) {
    String range = String.valueOf(get.range());
    String[] bounds = range.substring(range.indexOf('=') + 1).split("-", -1);
    return !bounds[0].equals("0")
        && !bounds[1].isEmpty()
        && Long.parseLong(bounds[1]) < indexOffset;
  }

  /** Where the snapshot's index begins: its length stands before the trailer of 16 bytes. */
  private long findIndex() throws IOException {
    String key = rig.data().snapshotKey(Replica.KEPT);
    Path file = rig.folder().resolve("kept.ltx");
    long size = rig.server().size(key);
    rig.server().download(1).seconds(rig.server().direct(key), size, file);
    try (RandomAccessFile snapshot = new RandomAccessFile(file.toFile(), "r")) {
      long end = size - 16 - Long.BYTES;
      snapshot.seek(end);
      return end - snapshot.readLong();
    } finally {
      Files.delete(file);
    }
  }

  private void publish() throws IOException {
    for (long txid = 2; txid <= NEWEST; txid++) {
      GeneratedReplica.writeTransactionOfKept(
          txid, (key, file) -> rig.server().put(Replica.KEPT.path() + "/" + key, file));
    }
  }

  private void withdraw() throws IOException {
    for (long txid = 2; txid <= NEWEST; txid++) {
      rig.server().delete(Replica.KEPT.path() + "/" + GeneratedReplica.key(0, txid, txid));
    }
  }
}
