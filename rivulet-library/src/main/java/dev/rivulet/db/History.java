package dev.rivulet.db;

import dev.rivulet.ltx.LtxHeader;
import dev.rivulet.ltx.Txid;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The states of a replica that can be restored: each transaction at which a plan ends. */
public final class History {
  /**
   * One of them.
   *
   * @param txid its last transaction
   * @param level of the file that ends there; of several the lowest, whose time is that of the
   *     transaction (a snapshot has the time of its making)
   * @param bytes of that file
   * @param uploadMillis when that file was uploaded, by the store's clock; since 1970
   * @param timeMillis the time in that file's header, which says when a state is older than a time;
   *     null if it was not read
   */
  public record State(
      Txid txid, int level, long bytes, long uploadMillis, @Nullable Long timeMillis) {}

  private History() {}

  /**
   * All of them, ascending.
   *
   * @param exact whether every header is read (one small request each, side by side); otherwise the
   *     times that are known already are given
   */
  static List<State> of(
      Collection<LtxFile> files, Headers headers, boolean exact, BooleanSupplier interrupted)
      throws IOException {
    List<LtxFile> ends = ends(files);
    List<LtxHeader> read = exact ? headers.read(ends, interrupted) : List.of();
    List<State> states = new ArrayList<>(ends.size());
    for (int i = 0; i < ends.size(); i++) {
      LtxFile file = ends.get(i);
      LtxHeader header = exact ? read.get(i) : headers.known(file);
      Long time = header == null ? null : Long.valueOf(header.timestampMillis());
      states.add(new State(file.max(), file.level(), file.size(), file.modifiedMillis(), time));
    }
    return states;
  }

  /**
   * The last file of each state. A transaction can be reached exactly if a file ends there that
   * begins at the first one, or at the latest right after the last one before that can be reached:
   * if the chain of files that reaches any earlier one would do, so does the chain to that one.
   */
  static List<LtxFile> ends(Collection<LtxFile> files) {
    List<LtxFile> sorted = new ArrayList<>(files);
    sorted.sort(
        Comparator.comparing(LtxFile::max)
            .thenComparingInt(LtxFile::level)
            .thenComparing(LtxFile::min));
    List<LtxFile> ends = new ArrayList<>();
    Txid reached = Txid.ZERO;
    for (LtxFile file : sorted) {
      if (file.extendsFrom(reached)) {
        ends.add(file);
        reached = file.max();
      }
    }
    return ends;
  }
}
