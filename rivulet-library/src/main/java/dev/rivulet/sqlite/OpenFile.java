package dev.rivulet.sqlite;

import dev.rivulet.db.Databases;
import dev.rivulet.db.Session;
import dev.rivulet.db.Settings;
import java.io.IOException;

/**
 * One replica that SQLite has open; C holds it as a global reference. Used by one thread at a time,
 * as SQLite serialises the calls on one file.
 */
final class OpenFile {
  /** What messages call it: no parameter and no user part, as those may hold credentials. */
  final String name;

  /** The C shim's ReplicaFile and Registration. */
  private final long file;

  final long registration;
  private final Session session;

  /**
   * With {@code immutable=1} or {@code nolock=1} SQLite takes no lock: one view, from the open on.
   */
  private final boolean pinned;

  private boolean writeRefused;

  /** What C was told of the view. */
  private long saidLocal;

  private int saidGeneration = -1;

  private OpenFile(String name, long file, long registration, Session session, boolean pinned) {
    this.name = name;
    this.file = file;
    this.registration = registration;
    this.session = session;
    this.pinned = pinned;
  }

  static OpenFile open(OpenRequest request, Settings settings, long file, long registration)
      throws IOException {
    Session session = Databases.open(settings, () -> Shim.isInterrupted(file));
    boolean pinned = request.flag("immutable") || request.flag("nolock");
    if (pinned) {
      try {
        session.begin();
      } catch (Throwable e) {
        session.close();
        throw e;
      }
    }
    return new OpenFile(request.displayName(), file, registration, session, pinned);
  }

  Session session() {
    return session;
  }

  boolean isInterrupted() {
    return Shim.isInterrupted(file);
  }

  void begin() throws IOException {
    if (!pinned) {
      session.begin();
      long local = session.localAddress();
      if (local != saidLocal || session.generation() != saidGeneration) {
        Shim.view(file, local, session.view(), session.lineage());
        saidLocal = local;
        saidGeneration = session.generation();
      }
      Shim.until(file, session.publication(), session.seen(), session.mayBeginUntilNanos());
    }
  }

  /** C has begun a transaction by itself, as it may until the time that it was told. */
  void resume() {
    if (!pinned) {
      session.resume();
    }
  }

  void end() {
    if (!pinned) {
      session.end();
    }
  }

  /** True once: the reason for refusing a write is said once for each open file. */
  boolean firstRefusal() {
    boolean first = !writeRefused;
    writeRefused = true;
    return first;
  }

  void close() {
    session.close();
  }
}
