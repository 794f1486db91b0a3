package dev.rivulet.bench;

import dev.rivulet.testing.Litestream;
import dev.rivulet.testing.ShopDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumSet;
import java.util.Set;

/**
 * Makes the replicas on the S3 server, once: they are kept there between runs. Beside each lies the
 * local database that its answers are compared with.
 */
final class BenchData {

  /** One more than before whenever what is made changes: what an earlier version made goes. */
  private static final String VERSION = "1";

  private final Path folder;
  private final BenchServer server;
  private final Litestream litestream;
  private final Set<Replica> ready = EnumSet.noneOf(Replica.class);

  BenchData(Path folder, BenchServer server, Litestream litestream) {
    this.folder = folder;
    this.server = server;
    this.litestream = litestream;
  }

  /** Where data is, below the bench's folder: another version has another one. */
  static Path folder(Path bench) throws IOException {
    return Files.createDirectories(bench.resolve("v" + VERSION));
  }

  /**
   * The local database with the state of the replica's newest transaction; none for the huge one
   * and the kept one, whose rows the generator tells.
   */
  Path local(Replica replica) {
    return folder.resolve(replica.path() + ".db");
  }

  /** Size of the newest snapshot in bytes, and where it is. */
  String snapshotKey(Replica replica) {
    return replica.path() + "/" + GeneratedReplica.key(9, 1, 1);
  }

  void prepare(Replica replica) throws IOException {
    Path done = folder.resolve(replica.path() + ".done");
    if (ready.contains(replica) || Files.exists(done)) {
      ready.add(replica);
      return;
    }
    System.err.println("Making the replica " + replica.path() + " (once) ...");
    switch (replica) {
      case SHOP -> shop(ShopDatabase.Size.LARGE, replica);
      case SMALL -> shop(ShopDatabase.Size.SMALL, replica);
      case DAY -> {
        GeneratedReplica.writeDay((key, file) -> server.put(replica.path() + "/" + key, file));
        Path staging = folder.resolve("restored.db");
        Files.deleteIfExists(staging);
        litestream.restore(server.uploadUrl(replica.path()), staging, server.credentials());
        Files.move(staging, local(replica), StandardCopyOption.REPLACE_EXISTING);
      }
      case HUGE -> {
        Path file = folder.resolve("huge.ltx");
        GeneratedReplica.writeTenGigabytes(file);
        server.put(snapshotKey(replica), file);
        Files.delete(file);
      }
      case METADATA -> {
        MetadataDatabase.create(local(replica));
        litestream.replicateOnce(
            local(replica), server.uploadUrl(replica.path()), server.credentials());
      }
      case KEPT ->
          GeneratedReplica.writeKept((key, file) -> server.put(replica.path() + "/" + key, file));
    }
    Files.createFile(done);
    ready.add(replica);
  }

  /**
   * Litestream changes the database that it replicates (a WAL, two tables of its own), so the
   * answers are those of the file after it.
   */
  private void shop(ShopDatabase.Size size, Replica replica) throws IOException {
    Path database = local(replica);
    ShopDatabase.create(database, size);
    litestream.replicateOnce(database, server.uploadUrl(replica.path()), server.credentials());
  }
}
