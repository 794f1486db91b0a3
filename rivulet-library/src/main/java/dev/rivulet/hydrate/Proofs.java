package dev.rivulet.hydrate;

import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.replica.LtxFile;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What is known of the checksums of files that are read whole: which are still to be compared, and
 * which were wrong. Guarded by the hydrated file's lock.
 */
final class Proofs {
  private final Map<IndexedFile, WholeRead> open = new LinkedHashMap<>();

  /** Files whose checksum is wrong: of them nothing is put in. */
  private final Map<IndexedFile, DamagedFileException> refused = new HashMap<>();

  /** Files that left the plan before their proof; a round may still bring pages of them. */
  private final Set<IndexedFile> leftOpen = new HashSet<>();

  /** From now on a file is read whole, if it is in the newest plan. */
  void begin(WholeRead read, List<LtxFile> plan) {
    if (plan.contains(read.file().file())) {
      open.put(read.file(), read);
    } else {
      leftOpen.add(read.file());
    }
  }

  /** Whether some file's checksum is still to be compared. */
  boolean isOpen() {
    return !open.isEmpty();
  }

  /** The files whose checksums are still to be compared. */
  Collection<WholeRead> open() {
    return open.values();
  }

  /** The checksum of a file is right. */
  void proven(IndexedFile file) {
    open.remove(file);
  }

  /** The checksum of a file is wrong. */
  void refuse(IndexedFile file, DamagedFileException why) {
    open.remove(file);
    refused.put(file, why);
  }

  /** Whether nothing more is to be taken of a file. */
  boolean isBarred(IndexedFile file) {
    return refused.containsKey(file) || leftOpen.contains(file);
  }

  /** What was wrong with them may have been so on its way: they are to be read again. */
  void admitRefused() {
    refused.clear();
  }

  /** Why a file of a plan was refused; null if none was. */
  @Nullable DamagedFileException refused(List<LtxFile> plan) {
    refused.keySet().removeIf(file -> !plan.contains(file.file()));
    return refused.isEmpty() ? null : refused.values().iterator().next();
  }

  /** Gives up the files that are not in a plan, and returns them: nothing will prove them. */
  List<IndexedFile> keepOnly(List<LtxFile> plan) {
    if (open.isEmpty()) {
      return List.of();
    }
    List<IndexedFile> left = new ArrayList<>();
    for (IndexedFile file : open.keySet()) {
      if (!plan.contains(file.file())) {
        left.add(file);
      }
    }
    for (IndexedFile file : left) {
      open.remove(file);
      leftOpen.add(file);
    }
    return left;
  }

  /** Nothing is being read. */
  void roundEnded() {
    leftOpen.clear();
  }

  /** Nothing that was read is there any more. */
  void forgetAll() {
    leftOpen.addAll(open.keySet());
    open.clear();
  }
}
