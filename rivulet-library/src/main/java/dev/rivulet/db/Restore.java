package dev.rivulet.db;

import dev.rivulet.ltx.LtxDecoder;
import dev.rivulet.ltx.LtxException;
import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.LtxTrailer;
import dev.rivulet.ltx.Txid;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.StaleFileException;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Writes a whole state of a replica into a database file.
 *
 * <p>Every file of the plan is read whole and held to its checksum; database checksums are checked
 * where the files have them. The database takes its name only when all of it is good and on the
 * disk; until then it has a temporary name beside it, which an error removes.
 */
public final class Restore {
  /** Told how far it is. */
  @FunctionalInterface
  public interface Progress {
    /**
     * Called after every few megabytes.
     *
     * @param done bytes of the replica that were read and applied
     * @param total bytes of the plan; another plan begins at 0 again
     */
    void at(long done, long total);
  }

  /**
   * What was restored.
   *
   * @param txid the state's last transaction
   * @param timeMillis the time in the header of the plan's last file, since 1970
   * @param pageSize in bytes
   * @param pages of the database
   * @param files that were read
   * @param bytesRead their bytes
   */
  public record Result(
      Txid txid, long timeMillis, int pageSize, int pages, int files, long bytesRead) {
    /** Length of the database file. */
    public long bytes() {
      return (long) pages * pageSize;
    }
  }

  /**
   * Files vanish while a plan is read only around a compaction or retention: the next look finds
   * what came of them.
   */
  private static final int TRIES = 4;

  private static final long PAUSE_MILLIS = 100;

  private final OpenReplica replica;
  private final Progress progress;
  private final BooleanSupplier interrupted;

  private Restore(OpenReplica replica, Progress progress, BooleanSupplier interrupted) {
    this.replica = replica;
    this.progress = progress;
    this.interrupted = interrupted;
  }

  /**
   * Restores a state.
   *
   * @param output the database file to write
   * @param replace whether it may exist; its {@code -wal}, {@code -shm} and {@code -journal} are
   *     then removed too, for they belong to the old one
   * @param interrupted asked while waiting; true ends the restore with {@link
   *     java.io.InterruptedIOException}
   * @throws IOException if it cannot be had or written; the message says what to do. What was at
   *     {@code output} is then still there, unchanged
   */
  public static Result run(
      OpenReplica replica,
      Moment point,
      Path output,
      boolean replace,
      Progress progress,
      BooleanSupplier interrupted)
      throws IOException {
    return new Restore(replica, progress, interrupted)
        .run(point, new RestoreTarget(output, replace));
  }

  private Result run(Moment point, RestoreTarget target) throws IOException {
    target.check();
    for (int i = 1; ; i++) {
      Plan plan = replica.plan(point, interrupted);
      try {
        return write(plan, target);
      } catch (StaleFileException e) {
        if (i == TRIES) {
          throw e;
        }
      }
      Waits.sleep(PAUSE_MILLIS * i, interrupted);
    }
  }

  private Result write(Plan plan, RestoreTarget target) throws IOException {
    Path temporary = target.temporary();
    try {
      Result result;
      try (RestoredFile out = new RestoredFile(temporary)) {
        result = apply(plan, out);
      }
      target.publish(temporary);
      return result;
    } finally {
      target.discard(temporary);
    }
  }

  private Result apply(Plan plan, RestoredFile out) throws IOException {
    long done = 0;
    LtxHeader header = null;
    LtxTrailer trailer = null;
    try (FileStream stream = new FileStream(replica.store(), plan.files())) {
      progress.at(0, plan.bytes());
      for (LtxFile file : plan.files()) {
        LtxDecoder decoder = new LtxDecoder(out);
        try {
          for (long left = file.size(); left > 0; ) {
            byte[] bytes = stream.next(interrupted);
            decoder.accept(bytes, 0, bytes.length);
            left -= bytes.length;
            done += bytes.length;
            progress.at(done, plan.bytes());
          }
          LtxTrailer next = decoder.finish();
          checkFits(file, decoder.header(), header, trailer);
          header = decoder.header();
          trailer = next;
        } catch (LtxException e) {
          throw new DamagedFileException(file, e);
        }
        out.endOfFile(header);
      }
    }
    if (header == null || trailer == null) {
      throw new IllegalStateException("a plan has files");
    }
    finish(plan, out, header, trailer);
    return new Result(
        plan.txid(),
        header.timestampMillis(),
        header.pageSize(),
        header.commit(),
        plan.files().size(),
        plan.bytes());
  }

  /** Whether a file is what its name says, and goes with the file before it. */
  private static void checkFits(
      LtxFile file,
      LtxHeader header,
      @Nullable LtxHeader before,
      @Nullable LtxTrailer trailerBefore)
      throws DamagedFileException {
    if (!header.minTxid().equals(file.min()) || !header.maxTxid().equals(file.max())) {
      throw new DamagedFileException(
          file, "its header is that of " + header.minTxid() + "-" + header.maxTxid());
    }
    if (before == null || trailerBefore == null) {
      return;
    }
    if (header.pageSize() != before.pageSize()) {
      throw new DamagedFileException(
          file,
          "its pages have %d bytes, but those before it %d"
              .formatted(header.pageSize(), before.pageSize()));
    }
    // Where files overlap, the state before this one was none that had a name.
    if (header.minTxid().equals(before.maxTxid().next())
        && !header.noChecksum()
        && !before.noChecksum()
        && header.preApplyChecksum() != trailerBefore.postApplyChecksum()) {
      throw new DamagedFileException(
          file,
          "it was made for a database with the checksum %016x, but the files before it give %016x"
              .formatted(header.preApplyChecksum(), trailerBefore.postApplyChecksum()));
    }
  }

  private void finish(Plan plan, RestoredFile out, LtxHeader last, LtxTrailer trailer)
      throws IOException {
    int missing = out.firstMissing(last);
    if (missing != 0) {
      throw new IOException(
          "Page %d of %d is in no LTX file of the replica %s: the replica is incomplete. Let the"
                  .formatted(missing, last.commit(), replica.display())
              + " primary make a new snapshot");
    }
    out.finish(last);
    if (!last.noChecksum()) {
      long sum = out.checksum(last);
      if (sum != trailer.postApplyChecksum()) {
        throw new DamagedFileException(
            plan.last(),
            "the database has the checksum %016x after it, but should have %016x"
                .formatted(sum, trailer.postApplyChecksum()));
      }
    }
  }
}
