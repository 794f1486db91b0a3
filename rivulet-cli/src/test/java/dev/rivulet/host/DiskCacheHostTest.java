package dev.rivulet.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.rivulet.testing.S3Admin;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the page cache has no room for, in Debian's Python: 5 MB on an S3 server, and 1 MiB. */
class DiskCacheHostTest {
  private static final String BUCKET = "disk-cache";

  private static final String PYTHON =
      """
      import json
      def opened(more=''): return connect('file:my.db?vfs=litestream&cache_size=1MiB' + more)
      def one(c, sql): return c.execute(sql).fetchone()[0]
      def stat(c, name): return json.loads(one(c, 'SELECT litestream_stats()'))[name]
      def image(c): return bytes(c.serialize())
      def files():
          names = [os.readlink('/proc/self/fd/' + fd) for fd in os.listdir('/proc/self/fd')
              if os.path.islink('/proc/self/fd/' + fd)]
          return [name for name in names if '/rivulet-' in name]
      """;

  @TempDir static Path folder;
  static HydratedReplica replica = new HydratedReplica(Path.of(""), Path.of(""));

  @TempDir Path temporary;

  @BeforeAll
  static void makeReplica() throws Exception {
    replica = HydratedReplica.make(Files.createDirectory(folder.resolve("one")), 4000);
    S3Admin admin = S3Host.server().admin();
    admin.putReplica(replica.folder(), BUCKET, "db");
  }

  private PythonTalk host(Map<String, String> more) throws Exception {
    Map<String, String> all = S3Host.environment(S3Host.server().endpoint(), BUCKET + "/db");
    for (Map.Entry<String, String> e : more.entrySet()) {
      all = S3Host.with(all, e.getKey(), e.getValue());
    }
    PythonTalk python = new PythonTalk(replica.with(all, temporary.resolve("local.db")));
    python.say(PYTHON);
    return python;
  }

  @Test
  void whatIsReadAgainComesFromAFileWithoutAName() throws Exception {
    try (PythonTalk python = host(Map.of("SQLITE_TMPDIR", temporary.toString()))) {
      python.say("c = opened(); first = image(c); gets = stat(c, 'gets')");
      assertThat(python.say("print(len(first) > 5000000, image(c) == first)"))
          .isEqualTo("True True\n");
      assertThat(python.say("print(stat(c, 'gets') - gets < 5, stat(c, 'bytes_from_disk') > 3e6)"))
          .isEqualTo("True True\n");
      assertThat(python.say("print(len(files()), os.path.dirname(files()[0]))"))
          .isEqualTo("1 " + temporary + "\n");
      assertThat(python.say("print(files()[0].endswith(' (deleted)'))")).isEqualTo("True\n");
      assertThat(temporary).isEmptyDirectory();
      assertThat(python.end()).isEmpty();
    }
  }

  @Test
  void itIsNotMadeForAFewRows() throws Exception {
    try (PythonTalk python = host(Map.of())) {
      python.say("c = connect(); one(c, 'SELECT a FROM t WHERE id = 77')");
      assertThat(python.say("print(files(), stat(c, 'bytes_from_disk'))")).isEqualTo("[] 0\n");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"&disk_cache_size=0", "&hydration_enabled=true&hydration_bandwidth=1K"})
  void itIsNotMadeForWhoDoesNotWantIt(String parameters) throws Exception {
    try (PythonTalk python = host(Map.of("TMPDIR", temporary.toString()))) {
      python.say("c = opened('" + parameters + "'); first = image(c)");
      assertThat(python.say("print(image(c) == first, stat(c, 'bytes_from_disk'))"))
          .isEqualTo("True 0\n");
    }
  }

  @Test
  void aHostThatMayNotWriteLargeFilesLives() throws Exception {
    try (PythonTalk python = host(Map.of("LITESTREAM_LOG_LEVEL", "INFO"))) {
      python.say(
          """
          import resource, signal
          signal.signal(signal.SIGXFSZ, signal.SIG_DFL)
          resource.setrlimit(resource.RLIMIT_FSIZE, (1000000, resource.RLIM_INFINITY))
          c = opened(); first = image(c)
          """);
      assertThat(python.say("print(image(c) == first, files(), stat(c, 'bytes_from_disk'))"))
          .isEqualTo("True [] 0\n");
      assertThat(python.end())
          .contains(
              "INFO rivulet: Nothing is kept on disk of what the page cache has no room for: there"
                  + " is too little room for it.")
          .contains("(disk_cache_size)");
    }
  }

  @Test
  void whereThereIsNoSuchFolderTheUsualOnesAreTried() throws Exception {
    try (PythonTalk python =
        host(Map.of("SQLITE_TMPDIR", "/none", "TMPDIR", temporary.resolve("none").toString()))) {
      python.say("c = opened(); first = image(c)");
      assertThat(python.say("print(image(c) == first, stat(c, 'bytes_from_disk') > 3e6)"))
          .isEqualTo("True True\n");
      assertThat(python.say("print(os.path.dirname(files()[0]))")).isEqualTo("/var/tmp\n");
      assertThat(python.end()).isEmpty();
    }
  }
}
