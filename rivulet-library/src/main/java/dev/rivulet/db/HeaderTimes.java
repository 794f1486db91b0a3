package dev.rivulet.db;

import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import dev.rivulet.replica.PlanException;
import dev.rivulet.replica.Planner;
import dev.rivulet.store.ByteRange;
import dev.rivulet.store.GetRequest;
import dev.rivulet.store.ObjectStore;
import dev.rivulet.store.StoreException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;

/**
 * Plans by the times in the files' headers, reading as few headers as it can.
 *
 * <p>When a file was uploaded is listed, but not what its header says. So a first plan takes the
 * upload times for the header's; the headers that this plan asked for are read, all at once, and it
 * is made again with what they say, until it asks for no other. Usually that takes two rounds, and
 * about as many small requests as the plan has files. Not thread-safe.
 */
final class HeaderTimes {
  /**
   * Upload times of a replica that was copied say nothing, and each round then finds little; after
   * these, one more round reads every header there is.
   */
  private static final int GUESSES = 4;

  /** Requests at once: as many as a store has connections by default. */
  private static final int WINDOW = 32;

  private final ObjectStore store;
  private final Map<LtxFile, LtxHeader> headers = new HashMap<>();

  HeaderTimes(ObjectStore store) {
    this.store = store;
  }

  /**
   * The plan of every change in files strictly older than a time.
   *
   * @throws PlanException as {@link Planner#before}
   * @throws StaleFileException if a file is gone: list again
   */
  Plan planBefore(Collection<LtxFile> files, long millis, BooleanSupplier interrupted)
      throws IOException {
    for (int round = 1; ; round++) {
      Set<LtxFile> unknown = new LinkedHashSet<>();
      Plan plan = null;
      PlanException none = null;
      try {
        plan = Planner.before(files, file -> time(file, unknown), millis);
      } catch (PlanException e) {
        none = e;
      }
      if (unknown.isEmpty()) {
        if (plan != null) {
          return plan;
        }
        if (none != null) {
          throw none;
        }
      }
      readAll(round < GUESSES ? unknown : unread(files), interrupted);
    }
  }

  private long time(LtxFile file, Set<LtxFile> unknown) {
    LtxHeader header = headers.get(file);
    if (header == null) {
      unknown.add(file);
      return file.modifiedMillis();
    }
    return header.timestampMillis();
  }

  private Set<LtxFile> unread(Collection<LtxFile> files) {
    Set<LtxFile> rest = new LinkedHashSet<>(files);
    rest.removeAll(headers.keySet());
    return rest;
  }

  /** The header of one file. */
  LtxHeader header(LtxFile file, BooleanSupplier interrupted) throws IOException {
    LtxHeader known = headers.get(file);
    if (known != null) {
      return known;
    }
    readAll(Set.of(file), interrupted);
    LtxHeader read = headers.get(file);
    if (read == null) {
      throw new IllegalStateException("the header was read");
    }
    return read;
  }

  private void readAll(Set<LtxFile> files, BooleanSupplier interrupted) throws IOException {
    List<LtxFile> list = new ArrayList<>(files);
    for (int from = 0; from < list.size(); from += WINDOW) {
      readBatch(list.subList(from, Math.min(list.size(), from + WINDOW)), interrupted);
    }
  }

  private void readBatch(List<LtxFile> files, BooleanSupplier interrupted) throws IOException {
    Map<LtxFile, Filler> buffers = new LinkedHashMap<>();
    Map<LtxFile, CompletableFuture<?>> requests = new LinkedHashMap<>();
    try {
      for (LtxFile file : files) {
        if (file.size() < LtxHeader.SIZE) {
          throw new DamagedFileException(file, "it has only " + file.size() + " bytes");
        }
        Filler buffer = new Filler(LtxHeader.SIZE);
        buffers.put(file, buffer);
        GetRequest get = new GetRequest(file.key(), new ByteRange(0, LtxHeader.SIZE), file.etag());
        requests.put(file, store.get(get, buffer));
      }
      for (LtxFile file : files) {
        CompletableFuture<?> request = requests.get(file);
        Filler buffer = buffers.get(file);
        if (request == null || buffer == null) {
          throw new IllegalStateException("every file was asked for");
        }
        await(file, request, interrupted);
        headers.put(file, parse(file, buffer.bytes()));
      }
    } finally {
      requests.values().forEach(request -> request.cancel(true));
    }
  }

  private static LtxHeader parse(LtxFile file, byte[] bytes) throws DamagedFileException {
    try {
      return LtxHeader.parse(bytes, 0, bytes.length);
    } catch (LtxException e) {
      throw new DamagedFileException(file, e);
    }
  }

  /** Waits for a request; a file that is gone or another one now is {@link StaleFileException}. */
  static void await(LtxFile file, CompletableFuture<?> request, BooleanSupplier interrupted)
      throws IOException {
    try {
      Waits.get(request, interrupted);
    } catch (StoreException e) {
      throw switch (e.kind()) {
        case NOT_FOUND, CONFLICT -> new StaleFileException(file, e);
        default -> e;
      };
    }
  }
}
