package dev.rivulet.db;

import dev.rivulet.RecordingStore;
import dev.rivulet.ReplicaBuilder;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.NetworkModel;
import dev.rivulet.page.PageCache;
import dev.rivulet.store.ObjectStore;
import java.io.IOException;
import java.util.Map;
import java.util.function.BooleanSupplier;

/** A replica in memory, and a database over it. */
final class Opened {
  static final BooleanSupplier NEVER = () -> false;

  final ReplicaBuilder replica;
  final RecordingStore store;
  final Database database;
  final TestClock clock = new TestClock();

  Opened(ReplicaBuilder replica) {
    this(replica, 32 << 20);
  }

  Opened(ReplicaBuilder replica, long cacheBytes) {
    this(replica, replica.store(), cacheBytes);
  }

  /** The same through a store that the test has put before the replica's. */
  Opened(ReplicaBuilder replica, ObjectStore before, long cacheBytes) {
    this.replica = replica;
    this.store = new RecordingStore(before);
    this.database =
        new Database(
            settings(Map.of()),
            store,
            new PageCache(cacheBytes),
            NetworkModel.fixed(0.025, 85e6),
            clock);
  }

  static Settings settings(Map<String, String> parameters) {
    try {
      return Settings.resolve("s3://bucket/my.db", parameters, name -> null);
    } catch (SettingsException e) {
      throw new AssertionError(e);
    }
  }

  Session session() throws IOException {
    database.retain();
    return database.openSession(settings(Map.of()), NEVER);
  }

  /** Looks at the store, as the follower does. */
  void follow() throws IOException {
    database.publisher().poll(NEVER);
  }

  static byte[] read(Session session, long offset, int length) throws IOException {
    long address = NativeMemory.allocate(Math.max(1, length));
    try {
      session.read(address, length, offset);
      byte[] bytes = new byte[length];
      NativeMemory.read(address, bytes, 0, length);
      return bytes;
    } finally {
      NativeMemory.free(address);
    }
  }

  /** The whole database without the bytes that depend on who presents it. */
  static byte[] whole(Session session) throws IOException {
    return plain(read(session, 0, (int) session.size()));
  }

  /** What a model says of the same. */
  static byte[] plain(byte[] database) {
    byte[] plain = database.clone();
    for (int at : new int[] {18, 19, 24, 25, 26, 27, 28, 29, 30, 31, 92, 93, 94, 95}) {
      plain[at] = 0;
    }
    return plain;
  }
}
