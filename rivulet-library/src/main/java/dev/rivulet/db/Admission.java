package dev.rivulet.db;

import dev.rivulet.hydrate.HydratedFile;
import dev.rivulet.hydrate.KeptFile;
import dev.rivulet.ltx.Txid;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Admits to the local file what is published, with all that changed since the file was last told.
 *
 * <p>Thread-safe. A doubt of the history is never forgotten by an admission that failed: the next
 * one takes out what the least proven of all since then leaves in doubt.
 */
final class Admission {
  private volatile Published admitted;

  /** The least that was proven of what was published and not admitted yet. */
  private final AtomicLong unproven = new AtomicLong(Published.ALL);

  /** The file was opened for this. */
  Admission(Published at) {
    this.admitted = at;
  }

  /**
   * Admits it, unless that is done.
   *
   * @param loader asked for the files of its plan whose changes the file does not have yet
   * @throws IOException if it cannot be admitted now: what the file has is good for older views
   */
  void admit(Published next, HydratedFile file, KeptFile.Loader loader) throws IOException {
    if (next.is(admitted)) {
      return;
    }
    long proven = unproven.accumulateAndGet(next.proven(), Math::min);
    boolean other = next.lineage() != file.lineage();
    Txid from = new Txid(Math.min(file.view().txid().value(), proven));
    file.admit(
        next.view(),
        next.lineage(),
        proven,
        other ? List.of() : loader.load(KeptFile.newer(next.view(), from)));
    admitted = next;
    unproven.compareAndSet(proven, Published.ALL);
  }
}
