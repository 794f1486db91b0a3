package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import org.jspecify.annotations.Nullable;

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
  /** The level of snapshots. */
  public static final int SNAPSHOT_LEVEL = 9;

  // By hand, and not by a record's invokedynamic: see Txid.

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof LtxFile f
        && f.level == level
        && f.size == size
        && f.modifiedMillis == modifiedMillis
        && f.min.equals(min)
        && f.max.equals(max)
        && f.key.equals(key)
        && f.etag.equals(etag);
  }

  @Override
  public int hashCode() {
    return key.hashCode() * 31 + Long.hashCode(size);
  }

  /** Whether it extends a state that has reached {@code reached}, without a gap. */
  public boolean extendsFrom(Txid reached) {
    // min <= reached + 1 without the overflow of adding one
    return max.after(reached) && !min.after(reached.next());
  }
}
