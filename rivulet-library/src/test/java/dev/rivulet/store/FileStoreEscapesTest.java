package dev.rivulet.store;

import static dev.rivulet.store.ObjectStoreContract.assertFails;
import static dev.rivulet.store.ObjectStoreContract.await;
import static dev.rivulet.store.ObjectStoreContract.utf8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.store.PutRequest.Condition;
import dev.rivulet.store.PutRequest.Content;
import dev.rivulet.store.StoreException.Kind;
import java.io.ByteArrayOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What only a store of files can do wrong. */
class FileStoreEscapesTest {
  @TempDir Path folder;
  private Path root;
  private FileStore store;

  @BeforeEach
  void open() throws Exception {
    root = Files.createDirectory(folder.resolve("root"));
    Files.writeString(folder.resolve("secret"), "secret");
    store = new FileStore(root);
  }

  @AfterEach
  void close() {
    store.close();
  }

  private ObjectVersion put(String key, Condition condition) throws StoreException {
    return await(store.put(new PutRequest(key, Content.of(utf8("mine")), condition, Map.of())));
  }

  private List<String> keys() throws StoreException {
    return await(store.list("", "", 1000)).objects().stream().map(ObjectEntry::key).toList();
  }

  @Test
  void noKeyLeadsOutOfTheFolder() throws Exception {
    for (String key : List.of("../secret", "a/../../secret", "/etc/passwd", folder + "/secret")) {
      assertFails(store.get(new GetRequest(key, new ByteRange(0, 1)), (b, o, l) -> {}), Kind.OTHER);
      assertFails(store.delete(List.of(key)), Kind.OTHER);
      assertFails(
          store.put(new PutRequest(key, Content.of(utf8("x")), new Condition.Always(), Map.of())),
          Kind.OTHER);
    }
    assertThat(folder.resolve("secret")).hasContent("secret");
    assertThat(await(store.list("../", "", 10)).objects()).isEmpty();
  }

  @Test
  void linksAreFollowedAsTheSystemDoes() throws Exception {
    Files.createSymbolicLink(root.resolve("link"), folder.resolve("secret"));
    Files.createSymbolicLink(root.resolve("dangling"), folder.resolve("nowhere"));
    Files.createSymbolicLink(root.resolve("loop"), root);
    Files.createSymbolicLink(root.resolve("itself"), root.resolve("itself"));
    assertThat(keys()).contains("link").doesNotContain("dangling", "itself");
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    await(store.get(new GetRequest("link", new ByteRange(0, 6)), out::write));
    assertThat(out.toByteArray()).isEqualTo(utf8("secret"));
  }

  @Test
  void unfinishedWritesAreNeverSeenAndNeverLeft() throws Exception {
    put("0/a", new Condition.Always());
    Files.writeString(root.resolve("0/.rivulet-123.tmp"), "half");
    assertThat(keys()).containsExactly("0/a");
    Content broken =
        new Content() {
          @Override
          public long length() {
            return 9;
          }

          @Override
          public java.io.InputStream open() throws java.io.IOException {
            throw new java.io.IOException("no content");
          }
        };
    assertFails(
        store.put(new PutRequest("0/b", broken, new Condition.Always(), Map.of())), Kind.OTHER);
    try (var files = Files.list(root.resolve("0"))) {
      assertThat(files).hasSize(2);
    }
    assertFails(
        store.put(
            new PutRequest(
                "0/.rivulet-x.tmp", Content.of(utf8("x")), new Condition.Always(), Map.of())),
        Kind.OTHER);
  }

  @Test
  void aFolderIsNoObject() throws Exception {
    put("a/b", new Condition.Always());
    assertFails(
        store.get(new GetRequest("a", new ByteRange(0, 1)), (b, o, l) -> {}), Kind.NOT_FOUND);
    assertFails(
        store.put(new PutRequest("a", Content.of(utf8("x")), new Condition.Always(), Map.of())),
        Kind.OTHER);
    Files.createDirectory(root.resolve("empty"));
    await(store.delete(List.of("a", "empty")));
    assertThat(root.resolve("empty")).exists();
    assertThat(keys()).containsExactly("a/b");
    assertFails(
        store.get(new GetRequest("a/b/c", new ByteRange(0, 1)), (b, o, l) -> {}), Kind.NOT_FOUND);
  }

  @Test
  void aRootThatIsAFileIsAnErrorThatNamesIt() {
    try (FileStore file = new FileStore(folder.resolve("secret"))) {
      assertFails(file.list("", "", 1), Kind.OTHER);
    }
  }

  @Test
  void aReplacedFileOfEqualSizeAndTimeHasAnotherEtag() throws Exception {
    ObjectVersion first = put("a", new Condition.Always());
    var time = Files.getLastModifiedTime(root.resolve("a"));
    ObjectVersion second = put("a", new Condition.Always());
    Files.setLastModifiedTime(root.resolve("a"), time);
    assertThat(await(store.list("", "", 1)).objects().get(0).etag()).isNotEqualTo(first.etag());
    assertThat(second.etag()).isNotEqualTo(first.etag());
  }
}
