package dev.rivulet.replica;

import dev.rivulet.ltx.Txid;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** Listings in short form. */
final class Files {
  private Files() {}

  /** {@code "9:1-50 1:41-60 0:61"}: levels and TXIDs in decimal. */
  static List<LtxFile> of(String text) {
    List<LtxFile> files = new ArrayList<>();
    for (String part : text.trim().split(" +", -1)) {
      if (!part.isEmpty()) {
        int colon = part.indexOf(':');
        int dash = part.indexOf('-');
        long min = Long.parseLong(part.substring(colon + 1, dash < 0 ? part.length() : dash));
        long max = dash < 0 ? min : Long.parseLong(part.substring(dash + 1));
        files.add(file(Integer.parseInt(part.substring(0, colon)), min, max));
      }
    }
    return files;
  }

  static LtxFile file(int level, long min, long max) {
    return new LtxFile(
        level,
        new Txid(min),
        new Txid(max),
        Layout.HEX.key(level, new Txid(min), new Txid(max)),
        1000 + max,
        "e",
        0);
  }

  /** The inverse of {@link #of}. */
  static String text(List<LtxFile> files) {
    StringBuilder text = new StringBuilder();
    for (LtxFile file : files) {
      text.append(text.isEmpty() ? "" : " ").append(file.level()).append(':');
      text.append(file.min().value());
      if (!file.min().equals(file.max())) {
        text.append('-').append(file.max().value());
      }
    }
    return text.toString();
  }

  /** Anything that could lie in a store: merged and not, overlapping, with gaps. */
  static List<LtxFile> random(Random random) {
    int last = 1 + random.nextInt(40);
    List<LtxFile> files = new ArrayList<>();
    for (int i = random.nextInt(3); i > 0; i--) {
      add(files, file(9, 1, 1 + random.nextInt(last)));
    }
    for (int level = 8; level >= 0; level--) {
      if (level > 3 && random.nextInt(8) > 0) {
        continue;
      }
      int span = level == 0 ? 1 : 1 + random.nextInt(4 * level);
      for (long min = 1L + random.nextInt(last); min <= last; ) {
        long max = level == 0 && random.nextInt(8) > 0 ? min : min + random.nextInt(span);
        if (random.nextInt(10) > 0) {
          add(files, file(level, min, max));
        }
        min = random.nextInt(6) == 0 ? Math.max(1, max - random.nextInt(3)) : max + 1;
        if (random.nextInt(30) == 0) {
          min += 3;
        }
      }
    }
    return files;
  }

  private static void add(List<LtxFile> files, LtxFile file) {
    if (!files.contains(file) && files.size() < 200) {
      files.add(file);
    }
  }
}
