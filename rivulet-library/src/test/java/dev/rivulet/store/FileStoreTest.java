package dev.rivulet.store;

import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends ObjectStoreContract {
  @TempDir Path folder;

  @Override
  ObjectStore open() {
    return new FileStore(folder.resolve("not/there/yet"));
  }
}
