package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import java.util.Comparator;

/**
 * An LTX file as a listing shows it.
 *
 * <p>Equality is the file's identity: the same name with another size or ETag is another file.
 *
 * @param level 0 to 9
 * @param min first transaction covered
 * @param max last transaction covered, not before {@code min}
 * @param key in the store
 * @param size in bytes
 * @param etag of this version, may be empty
 * @param modifiedMillis when it was uploaded, by the store's clock; a hint only, never a rule
 */
public record LtxFile(
    int level, Txid min, Txid max, String key, long size, String etag, long modifiedMillis) {
  /** The order of a level's listing (reference/ltx-format.md, section 10). */
  public static final Comparator<LtxFile> ORDER =
      Comparator.comparingInt(LtxFile::level)
          .thenComparing(LtxFile::min)
          .thenComparing(LtxFile::max);

  /** The level of snapshots. */
  public static final int SNAPSHOT_LEVEL = 9;

  /** Whether it extends a state that has reached {@code reached}, without a gap. */
  public boolean extendsFrom(Txid reached) {
    // min <= reached + 1 without the overflow of adding one
    return max.after(reached) && !min.after(reached.next());
  }
}
