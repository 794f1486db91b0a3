package dev.rivulet.db;

import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import dev.rivulet.replica.Plan;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Tells a replica that went on from one that was replaced (wiped and begun anew, or restored to an
 * earlier state).
 *
 * <p>It was replaced
 *
 * <ul>
 *   <li>if its newest TXID went back;
 *   <li>if a transaction's own file on level 0 has another size or ETag: the primary uploads each
 *       once. (Files of higher levels may be made again under the same name, snapshots above all,
 *       and say nothing.)
 *   <li>if its newest TXID is the known one, but of another time. (A snapshot has the time of its
 *       making, and says nothing.)
 *   <li>if nothing that was known is there any more, and what is there ends at the very TXID that
 *       was known, or is older by the primary's clock. A reader that was away for longer than
 *       everything is kept finds a later TXID and a later time, and goes on.
 * </ul>
 */
final class Lineage {
  private Lineage() {}

  /**
   * Whether two listed files of one name are the same object; when it was uploaded says nothing.
   */
  static boolean isSame(LtxFile a, LtxFile b) {
    return a.size() == b.size() && a.etag().equals(b.etag()) && a.key().equals(b.key());
  }

  /**
   * Whether a plan of the newest state is that of another history than a view's.
   *
   * @param anchor the file of level 0 that ended at the view's TXID, if there was one
   * @param next the view of the plan
   * @param listed the files that the plan was made from
   */
  static boolean isOther(
      View view, @Nullable LtxFile anchor, View next, Collection<LtxFile> listed) {
    boolean sameTxid = next.txid().equals(view.txid());
    return isOtherByName(view, anchor, next.plan(), listed)
        || (sameTxid
            && next.timeMillis() != view.timeMillis()
            && !isSnapshot(view)
            && !isSnapshot(next))
        || (!isAnyKnown(view, anchor, listed)
            && (sameTxid || next.timeMillis() < view.timeMillis()));
  }

  /**
   * Whether a view that is of no other history, as far as can be told, certainly is of the very
   * state of another: its last transaction is in the same file, or has the same time.
   */
  static boolean isSameState(
      View view, @Nullable LtxFile anchor, View next, Collection<LtxFile> listed) {
    if (!next.txid().equals(view.txid())) {
      return false;
    }
    if (next.timeMillis() == view.timeMillis() || isSame(next.plan().last(), view.plan().last())) {
      return true;
    }
    for (LtxFile file : listed) {
      if (anchor != null && isSame(file, anchor)) {
        return anchor.max().equals(view.txid());
      }
    }
    return false;
  }

  private static boolean isSnapshot(View view) {
    return view.plan().last().level() == LtxFile.SNAPSHOT_LEVEL;
  }

  /** What names, sizes and ETags alone tell. */
  static boolean isOtherByName(
      View view, @Nullable LtxFile anchor, Plan plan, Collection<LtxFile> listed) {
    if (view.txid().after(plan.txid())) {
      return true;
    }
    Map<String, LtxFile> known = new HashMap<>();
    for (LtxFile file : view.plan().files()) {
      if (file.level() == 0) {
        known.put(file.key(), file);
      }
    }
    if (anchor != null) {
      known.put(anchor.key(), anchor);
    }
    for (LtxFile file : listed) {
      LtxFile before = file.level() == 0 ? known.get(file.key()) : null;
      if (before != null && !isSame(file, before)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isAnyKnown(
      View view, @Nullable LtxFile anchor, Collection<LtxFile> listed) {
    return proven(view, anchor, listed) > 0;
  }

  /**
   * The last TXID of a view that a file proves which was known with the view and is still there; 0
   * if there is none.
   */
  static long proven(View view, @Nullable LtxFile anchor, Collection<LtxFile> listed) {
    Map<String, LtxFile> known = new HashMap<>();
    for (LtxFile file : view.plan().files()) {
      known.put(file.key(), file);
    }
    if (anchor != null) {
      known.put(anchor.key(), anchor);
    }
    long proven = 0;
    for (LtxFile file : listed) {
      LtxFile before = known.get(file.key());
      if (before != null && isSame(file, before)) {
        proven = Math.max(proven, file.max().value());
      }
    }
    return proven;
  }
}
