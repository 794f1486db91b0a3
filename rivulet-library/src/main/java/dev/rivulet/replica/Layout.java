package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import dev.rivulet.store.ObjectEntry;
import java.util.Optional;

/**
 * Where a replica's files lie below its root (reference/replica-layout.md, section 2).
 *
 * <p>s3 and oss write the level as four hex digits, every other backend as {@code ltx/} and a
 * decimal digit. Both orders of keys list level 0 first and snapshots last.
 */
public enum Layout {
  /** {@code 0009/0000000000000001-00000000000000ff.ltx}. */
  HEX("000", ""),
  /** {@code ltx/9/0000000000000001-00000000000000ff.ltx}. */
  DECIMAL("ltx/", "ltx/");

  private static final int NAME_LENGTH = "0000000000000001-00000000000000ff.ltx".length();

  private final String allLevels;
  private final String parent;

  Layout(String allLevels, String parent) {
    this.allLevels = allLevels;
    this.parent = parent;
  }

  /** The layout that Litestream uses on stores of this URL scheme. */
  public static Layout of(String scheme) {
    return scheme.equals("s3") || scheme.equals("oss") ? HEX : DECIMAL;
  }

  /** A prefix that every file of every level has. */
  public String prefix() {
    return allLevels;
  }

  /** The prefix of one level's files, which is also a {@code startAfter} before all of them. */
  public String prefix(int level) {
    return this == HEX ? "000" + level + "/" : parent + level + "/";
  }

  /** A {@code startAfter} just before any file of the level that begins at {@code min} or later. */
  public String startAfter(int level, Txid min) {
    // The bare TXID is a proper prefix of each such name, so it sorts before all of them.
    return prefix(level) + min;
  }

  /** The key of a file. */
  public String key(int level, Txid min, Txid max) {
    return prefix(level) + min + "-" + max + ".ltx";
  }

  /** The file that a listed object is, or empty if it is none. */
  public Optional<LtxFile> parse(ObjectEntry entry) {
    String key = entry.key();
    int name = prefix(0).length();
    if (key.length() != name + NAME_LENGTH
        || key.charAt(name - 1) != '/'
        || !key.startsWith(allLevels)
        || !key.endsWith(".ltx")
        || key.charAt(name + 16) != '-') {
      return Optional.empty();
    }
    int level = key.charAt(name - 2) - '0';
    if (level < 0
        || level > LtxFile.SNAPSHOT_LEVEL
        || !isLowerHex(key, name)
        || !isLowerHex(key, name + 17)) {
      return Optional.empty();
    }
    Txid min = Txid.parse(key.substring(name, name + 16));
    Txid max = Txid.parse(key.substring(name + 17, name + 33));
    boolean partSnapshot = level == LtxFile.SNAPSHOT_LEVEL && min.value() != 1;
    if (min.equals(Txid.ZERO) || min.after(max) || max.value() == -1 || partSnapshot) {
      return Optional.empty(); // no writer makes such a name, and no plan could use it
    }
    return Optional.of(
        new LtxFile(level, min, max, key, entry.size(), entry.etag(), entry.modifiedMillis()));
  }

  private static boolean isLowerHex(String text, int from) {
    for (int i = from; i < from + 16; i++) {
      char c = text.charAt(i);
      if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f')) {
        return false;
      }
    }
    return true;
  }
}
