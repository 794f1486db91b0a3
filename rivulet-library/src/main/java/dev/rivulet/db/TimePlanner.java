package dev.rivulet.db;

import dev.rivulet.log.Log;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Makes the plan of every change in files strictly older than a time: reads the headers that {@link
 * TimeSearch} asks for until the plan is the one that {@link Planner#before} gives with all of
 * them.
 */
final class TimePlanner {
  /**
   * How a plan's own files become known: who reads them anyway need not read their headers before.
   *
   * @param <V> what was made of them
   */
  interface Loading<V> {
    /** Begins to read the plan's files, or as much of them as has their headers. */
    CompletableFuture<V> begin(Plan plan);

    /** The header of the plan's file at an index. */
    LtxHeader header(V loaded, int index);
  }

  /**
   * A plan that is settled.
   *
   * @param loaded what its files were made into
   * @param past whether something not older comes after it, so that the plan stays the right one
   * @param leftOut see {@link TimeSearch#leftOut}
   */
  record Settled<V>(Plan plan, V loaded, boolean past, Optional<Txid> leftOut) {
    /** Says what the user should know, if the state is not all that is older than the time. */
    void warn(long before) {
      leftOut.ifPresent(beyond -> Log.warn(endsEarly(plan, before, beyond)));
    }
  }

  private final Headers headers;

  TimePlanner(Headers headers) {
    this.headers = headers;
  }

  /** The plan, with all its headers read. */
  Settled<List<LtxHeader>> plan(Collection<LtxFile> files, long before, BooleanSupplier interrupted)
      throws IOException {
    Loading<List<LtxHeader>> headersOnly =
        new Loading<>() {
          @Override
          public CompletableFuture<List<LtxHeader>> begin(Plan plan) {
            List<CompletableFuture<LtxHeader>> begun = new ArrayList<>();
            plan.files().forEach(file -> begun.add(headers.get(file)));
            return CompletableFuture.allOf(begun.toArray(new CompletableFuture<?>[0]))
                .thenApply(done -> begun.stream().map(CompletableFuture::join).toList());
          }

          @Override
          public LtxHeader header(List<LtxHeader> loaded, int index) {
            return loaded.get(index);
          }
        };
    return plan(files, before, headersOnly, interrupted);
  }

  /**
   * The plan, loaded.
   *
   * @param before milliseconds since 1970
   * @throws PlanException {@code NOT_AVAILABLE} if no state is that old; the message names the
   *     oldest. {@code EMPTY} without files
   * @throws StaleFileException if a file is gone: list again
   */
  <V> Settled<V> plan(
      Collection<LtxFile> files, long before, Loading<V> loading, BooleanSupplier interrupted)
      throws IOException {
    TimeSearch search = new TimeSearch(files, before);
    search.learn(knownOf(files));
    while (true) {
      Collection<LtxFile> probes = search.probes();
      if (!probes.isEmpty()) {
        search.learn(read(probes, interrupted));
        continue;
      }
      // The rest is read side by side: what the plan leaves out, and what it takes.
      Collection<LtxFile> checks = search.checks();
      for (LtxFile file : checks) {
        var unused = headers.get(file); // asked for again, and waited for, below
      }
      Plan plan = search.plan();
      V loaded = plan == null ? null : Waits.get(loading.begin(plan), interrupted);
      Map<LtxFile, Long> read = read(checks, interrupted);
      if (plan != null && loaded != null) {
        for (int i = 0; i < plan.files().size(); i++) {
          LtxHeader header = loading.header(loaded, i);
          headers.learn(plan.files().get(i), header);
          read.put(plan.files().get(i), header.timestampMillis());
        }
      }
      search.learn(read);
      if (!search.settled() || !Objects.equals(plan, search.plan())) {
        continue; // the clock did not only rise: what was inferred is known better now
      }
      if (plan == null || loaded == null) {
        throw tooOld(files, before, interrupted);
      }
      return new Settled<>(plan, loaded, search.isPast(), search.leftOut());
    }
  }

  private Map<LtxFile, Long> knownOf(Collection<LtxFile> files) {
    Map<LtxFile, Long> known = new HashMap<>();
    for (LtxFile file : files) {
      LtxHeader header = headers.known(file);
      if (header != null) {
        known.put(file, header.timestampMillis());
      }
    }
    return known;
  }

  private Map<LtxFile, Long> read(Collection<LtxFile> files, BooleanSupplier interrupted)
      throws IOException {
    Map<LtxFile, Long> read = new HashMap<>();
    List<LtxHeader> found = headers.read(files, interrupted);
    int i = 0;
    for (LtxFile file : files) {
      read.put(file, found.get(i++).timestampMillis());
    }
    return read;
  }

  static String endsEarly(Plan plan, long before, Txid beyond) {
    return "The replica has changes from before "
        + TimeText.of(before)
        + " up to TXID "
        + beyond
        + ", but this is the state at TXID "
        + plan.txid()
        + ": what comes next is in a file with a later time, because retention has left only merged"
        + " files there, or because the primary's clock was set back. Choose the state by its TXID"
        + " (litestream_history lists them)";
  }

  private PlanException tooOld(Collection<LtxFile> files, long before, BooleanSupplier interrupted)
      throws IOException {
    LtxFile oldest = null;
    for (LtxFile file : files) {
      if (file.min().equals(Txid.ZERO.next())
          && (oldest == null || oldest.max().after(file.max()))) {
        oldest = file;
      }
    }
    if (oldest != null) {
      long first = headers.read(List.of(oldest), interrupted).getFirst().timestampMillis();
      if (first >= before) {
        return new PlanException(
            PlanException.Reason.NOT_AVAILABLE,
            "the oldest state that can be had is that of "
                + TimeText.of(first)
                + " (TXID "
                + oldest.max()
                + "), so the time must be later than that");
      }
    }
    return new PlanException(
        PlanException.Reason.NOT_AVAILABLE, "the replica has no state that old");
  }
}
