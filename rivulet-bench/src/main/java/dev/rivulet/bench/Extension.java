package dev.rivulet.bench;

import java.nio.file.Path;

/**
 * A loadable extension that is measured.
 *
 * @param library with a name from which SQLite derives its entry point
 */
record Extension(String name, Path library) {

  /** Commands for {@code sqlite3} that open the replica of the environment. */
  String open() {
    return ".load '%s'\n.open file:///my.db?vfs=litestream\n".formatted(library);
  }
}
