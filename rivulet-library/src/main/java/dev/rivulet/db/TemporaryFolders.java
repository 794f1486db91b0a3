package dev.rivulet.db;

import dev.rivulet.store.Environment;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Where SQLite puts its temporary files on Unix (https://sqlite.org/tempfiles.html, 5). */
final class TemporaryFolders {
  /** On the disk, mostly, where {@code /tmp} often is memory: in this order, as SQLite has it. */
  private static final List<String> USUAL = List.of("/var/tmp", "/usr/tmp", "/tmp");

  private TemporaryFolders() {}

  /** The folders, the preferred one first; they may not exist. */
  static List<Path> of(Environment environment) {
    List<Path> folders = new ArrayList<>();
    add(environment.get("SQLITE_TMPDIR"), folders);
    add(environment.get("TMPDIR"), folders);
    for (String folder : USUAL) {
      add(folder, folders);
    }
    return folders;
  }

  private static void add(@Nullable String name, List<Path> folders) {
    if (name != null && !name.isEmpty()) {
      try {
        folders.add(Path.of(name));
      } catch (InvalidPathException e) {
        // as if it did not exist
      }
    }
  }
}
