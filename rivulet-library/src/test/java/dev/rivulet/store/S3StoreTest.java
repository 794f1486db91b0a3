package dev.rivulet.store;

import dev.rivulet.testing.S3Server;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** The contract on a real S3 server. */
class S3StoreTest {
  @Nested
  class PathStyle extends ObjectStoreContract {
    /** s3proxy orders keys as Java does; S3 itself by their bytes. */
    @Override
    List<String> beyondTheBasicPlane() {
      return List.of("😀");
    }

    @Override
    ObjectStore open() throws Exception {
      return TestS3.open(TestS3.SERVER.url(TestS3.bucket(), "path/to/my.db"));
    }
  }

  /** On folders, which are buckets by their mere being there. */
  @Nested
  @TestInstance(TestInstance.Lifecycle.PER_CLASS)
  class VirtualHost extends ObjectStoreContract {
    private S3Server server;
    private Path folder;
    private int buckets;

    @BeforeAll
    void start(@TempDir Path newFolder) throws Exception {
      folder = newFolder;
      server = S3Server.builder().folder(folder).virtualHost("s3.localhost").start();
    }

    @AfterAll
    void stop() {
      server.close();
    }

    /** s3proxy orders keys as Java does; S3 itself by their bytes. */
    @Override
    List<String> beyondTheBasicPlane() {
      return List.of("😀");
    }

    @Override
    ObjectStore open() throws Exception {
      String bucket = "virtual-" + buckets++;
      Files.createDirectory(folder.resolve(bucket));
      return TestS3.open(
          "s3://" + bucket + "/path?forcePathStyle=false&endpoint=s3.localhost:" + server.port());
    }
  }
}
