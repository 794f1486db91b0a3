package dev.rivulet.hydrate;

import dev.rivulet.ltx.FrameIndex;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.natives.LocalPages;
import dev.rivulet.natives.NativeFile;
import dev.rivulet.natives.NativeMemory;
import dev.rivulet.page.DamagedFileException;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.ReplicaPages;
import dev.rivulet.page.View;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The local file: page n of the database at (n - 1) times the page size, if it is there at all.
 *
 * <p>Thread-safe. {@link #read} takes no lock (localpages.h has it, for C reads too): it looks at
 * the page's stamp before and after, and whoever changes a page takes its stamp away first.
 * Everything else takes turns.
 */
public final class HydratedFile implements AutoCloseable {
  /** Changed pages whose old version moves to the page cache, for readers of older views. */
  private static final int KEPT_FOR_OLDER_VIEWS = 1_000;

  private final NativeFile file;
  private final ReplicaPages pages;
  private final int pageSize;

  /** Room for one page, used under the lock. */
  private final long buffer;

  private final byte[] bytes;

  /** What readers look at. */
  private final LocalPages local;

  private volatile int lineage;
  private final boolean wasKept;

  /** The TXID of the newest admitted view. */
  private volatile long newest;

  // All guarded by this.
  private final Presence presence;
  private View view;

  private final Proofs proofs = new Proofs();
  private boolean closed;

  /**
   * A file of which no page is known.
   *
   * @param view the newest view, which is admitted with this
   * @param lineage which of the replica's histories it is of
   */
  public HydratedFile(NativeFile file, ReplicaPages pages, View view, int lineage) {
    this(file, pages, new Stamps(view.commit()), view.txid().value(), view, lineage);
  }

  /**
   * A file that was kept. It takes file and stamps over, and closes them if it fails.
   *
   * @param stamps what the sidecar says of it, all of it unverified
   * @param reads the files that were being read whole
   * @param proven the last TXID of its history that a file in the store proves
   * @param view the newest view
   * @param newer the files of its plan that end after {@code proven}
   */
  static HydratedFile kept(
      NativeFile file,
      ReplicaPages pages,
      Stamps stamps,
      List<Sidecar.Read> reads,
      long proven,
      View view,
      int lineage,
      List<IndexedFile> newer)
      throws IOException {
    HydratedFile kept = new HydratedFile(file, pages, stamps, proven, view, lineage);
    try {
      kept.resume(view, reads);
      kept.catchUp(view, proven, newer);
      return kept;
    } catch (IOException | RuntimeException | Error e) {
      kept.close();
      throw e;
    }
  }

  private HydratedFile(
      NativeFile file, ReplicaPages pages, Stamps stamps, long newest, View view, int lineage) {
    this.file = file;
    this.pages = pages;
    this.pageSize = view.pageSize();
    this.view = view;
    this.lineage = lineage;
    this.local = new LocalPages(file, pageSize);
    this.presence = new Presence(stamps);
    this.wasKept = !presence.isEmpty();
    this.newest = newest;
    this.bytes = new byte[pageSize];
    this.buffer = NativeMemory.allocate(pageSize);
    show();
  }

  /** Goes on with files of which a part was read, if they still are what the state is made of. */
  private void resume(View now, List<Sidecar.Read> reads) {
    for (Sidecar.Read read : reads) {
      IndexedFile f = read.find(now);
      WholeRead resumed = f == null ? null : WholeRead.resume(f, read.parts(), Hydrator.PIECE);
      if (resumed == null) {
        presence.takeOutOf(read.file().max().value());
      } else {
        proofs.begin(resumed, now.plan().files());
      }
    }
  }

  private void catchUp(View now, long proven, List<IndexedFile> newer) throws IOException {
    presence.takeOut(now.commit() + 1, Integer.MAX_VALUE, now.txid().value());
    long bytes = (long) now.commit() * pageSize;
    if (file.size() > bytes) {
      file.truncate(bytes); // it shrank while nobody looked
    }
    admit(now, lineage, proven, newer);
  }

  /** Lets readers, in C too, see what is there now. */
  private void show() {
    local.set(presence.stamps().inMemory(), newest, lineage);
  }

  /**
   * Copies a part of a page of a view, if it is here.
   *
   * @param of which of the replica's histories the view is of
   * @param from offset in the page; with {@code length} inside it
   * @param to the address to copy to; undefined if the answer is no
   * @return whether it was copied
   */
  public boolean read(View v, int of, int pgno, int from, int length, long to) {
    long txid = v.txid().value();
    long at = (pgno - 1L) * pageSize + from;
    int answer = local.read(txid, of, at, to, length);
    if (answer == LocalPages.UNVERIFIED) {
      try {
        answer = verify(pgno) ? local.read(txid, of, at, to, length) : LocalPages.NO;
      } catch (IOException e) {
        return false; // the store has it too
      }
    }
    return answer == LocalPages.YES;
  }

  /** Where C finds what it needs to read by itself. */
  public long address() {
    return local.address();
  }

  /**
   * A new view will be published: takes out what has changed, and puts in of that what the page
   * cache has.
   *
   * @param next follows the view admitted before, or is of another history
   * @param proven the last TXID that is certainly of its history: what the file has of later ones
   *     is taken out
   * @param newer the files of its plan that end after the view admitted before, or after {@code
   *     proven} if that is earlier
   */
  public synchronized void admit(View next, int of, long proven, List<IndexedFile> newer)
      throws IOException {
    if (closed) {
      return;
    }
    if (of > lineage) {
      forgetAll(next, of);
      return;
    }
    if (of < lineage || next.txid().value() < newest) {
      return; // somebody else was faster with a later one
    }
    presence.takeOut(next.commit() + 1, view.commit(), next.txid().value());
    presence.growTo(next.commit());
    boolean keep = changes(newer) <= KEPT_FOR_OLDER_VIEWS;
    for (IndexedFile f : newer) {
      takeOut(next, f, keep);
    }
    if (proven < newest) {
      // Readers of views that may be of that history shall not find what comes instead.
      presence.takeOutAfter(proven, next.txid().value());
    }
    for (IndexedFile f : proofs.keepOnly(next.plan().files())) {
      presence.takeOutOf(f.file().max().value());
    }
    if (next.commit() < view.commit()) {
      file.truncate((long) next.commit() * pageSize);
    }
    view = next;
    newest = next.txid().value();
    show();
    presence.changed();
    for (IndexedFile f : newer) {
      putInCached(f);
    }
  }

  private static long changes(List<IndexedFile> newer) {
    long sum = 0;
    for (IndexedFile f : newer) {
      sum += f.index().count();
    }
    return sum;
  }

  /** Takes out the pages that a new view has from a file. */
  private void takeOut(View next, IndexedFile f, boolean keep) {
    FrameIndex index = f.index();
    long txid = f.file().max().value();
    for (int rank = 0; rank < index.count(); rank++) {
      int pgno = index.pgno(rank);
      if (pgno <= next.commit() && f.equals(next.map().find(pgno))) {
        if (keep) {
          keepForOlderViews(pgno);
        }
        presence.takeOut(pgno, txid);
      }
    }
  }

  /** Readers of the view that is going to be the last one but one may still want this page. */
  private void keepForOlderViews(int pgno) {
    IndexedFile holder = pgno > view.commit() ? null : view.map().find(pgno);
    if (holder != null && read(view, lineage, pgno, 0, pageSize, buffer)) {
      pages.keep(holder, pgno, buffer);
    }
  }

  private void putInCached(IndexedFile f) throws IOException {
    FrameIndex index = f.index();
    for (int rank = 0; rank < index.count(); rank++) {
      int pgno = index.pgno(rank);
      if (wants(view, f, pgno)) {
        var unused = storeCached(view, lineage, f, pgno);
      }
    }
  }

  /** Another history: nothing of the old one is left. */
  private void forgetAll(View next, int of) throws IOException {
    lineage = of;
    show(); // nothing that a reader of the old one looks at is right from now on
    presence.clear(next.commit());
    proofs.forgetAll();
    view = next;
    newest = next.txid().value();
    show();
    presence.changed();
    file.truncate(0);
  }

  /** Whether a page of a file would be put in. */
  synchronized boolean wants(View v, IndexedFile f, int pgno) {
    return !closed
        && pgno <= presence.stamps().pages()
        && pgno <= v.commit()
        && !presence.has(pgno)
        && f.equals(v.map().find(pgno))
        && !proofs.isBarred(f);
  }

  /**
   * Puts pages in. Those that are there already, or have changed since the view, are left as they
   * are.
   *
   * @param v a view in whose map {@code f} has these pages
   * @param of its history
   * @param first the first page's number
   * @param from the pages, one after the other
   * @param count of pages, at least one
   * @throws IOException if they cannot be written; none of those is taken to be there then
   */
  synchronized void store(View v, int of, IndexedFile f, int first, byte[] from, int count)
      throws IOException {
    if (closed || of != lineage) {
      return;
    }
    int begin = 0;
    for (int i = 0; i <= count; i++) {
      if (i == count || !isWelcome(v, first + i)) {
        write(f, first, from, begin, i);
        begin = i + 1;
      }
    }
  }

  /** From now on a file is read whole: before it is {@link #proven}, nothing is complete. */
  synchronized void prove(WholeRead read) {
    proofs.begin(read, view.plan().files());
  }

  /** The files that are not {@link #proven} yet. */
  synchronized List<WholeRead> unproven() {
    return List.copyOf(proofs.open());
  }

  /** The checksum of a file is right. */
  synchronized void proven(IndexedFile f) {
    proofs.proven(f);
  }

  /** Nothing is being read. */
  synchronized void roundEnded() {
    proofs.roundEnded();
  }

  /** Takes out whatever may be of a file whose checksum is wrong, and takes no more of it. */
  synchronized void refuse(IndexedFile f, DamagedFileException why) {
    proofs.refuse(f, why);
    FrameIndex index = f.index();
    for (int rank = 0; rank < index.count(); rank++) {
      int pgno = index.pgno(rank);
      if (pgno <= presence.stamps().pages()) {
        presence.takeOut(pgno, presence.txid(pgno));
      }
    }
  }

  /** What was wrong with them may have been so on its way: they are to be read again. */
  public synchronized void admitRefused() {
    proofs.admitRefused();
  }

  /**
   * Whether something is missing for good.
   *
   * @throws DamagedFileException why a file of the newest admitted view was refused
   */
  synchronized void checkRefused() throws DamagedFileException {
    DamagedFileException why = proofs.refused(view.plan().files());
    if (why != null) {
      throw why;
    }
  }

  /** What is not there, and has not changed since the view. */
  private boolean isWelcome(View v, int pgno) {
    return pgno <= presence.stamps().pages()
        && pgno <= view.commit()
        && !presence.has(pgno)
        && presence.txid(pgno) <= v.txid().value();
  }

  private void write(IndexedFile f, int first, byte[] from, int begin, int end) throws IOException {
    if (begin == end) {
      return;
    }
    int pgno = first + begin;
    file.write(from, begin * pageSize, (end - begin) * pageSize, (pgno - 1L) * pageSize);
    long txid = f.file().max().value();
    for (int i = begin; i < end; i++, pgno++) {
      presence.putIn(pgno, txid, Stamps.checksum(pgno, from, i * pageSize, pageSize));
    }
  }

  /** Puts a page in that the page cache has; false if it does not. */
  synchronized boolean storeCached(View v, int of, IndexedFile f, int pgno) throws IOException {
    if (closed || !pages.copyHeld(f, pgno, v.map(), buffer)) {
      return false;
    }
    NativeMemory.read(buffer, bytes, 0, pageSize);
    store(v, of, f, pgno, bytes, 1);
    return true;
  }

  /** Puts a page in that was fetched for a query. */
  public synchronized void offer(IndexedFile f, int pgno, long address) throws IOException {
    if (!closed && wants(view, f, pgno)) {
      NativeMemory.read(address, bytes, 0, pageSize);
      store(view, lineage, f, pgno, bytes, 1);
    }
  }

  /** Looks at the checksum of a page that was there at the start; false if it is not right. */
  synchronized boolean verify(int pgno) throws IOException {
    if (closed) {
      return false;
    }
    if (!presence.isUnverified(pgno)) {
      return presence.has(pgno);
    }
    if (file.read((pgno - 1L) * pageSize, buffer, pageSize) == pageSize) {
      NativeMemory.read(buffer, bytes, 0, pageSize);
      if (Stamps.checksum(pgno, bytes, 0, pageSize) == presence.stamps().sum(pgno)) {
        presence.trust(pgno);
        return true;
      }
    }
    presence.takeOut(pgno, presence.txid(pgno));
    return false;
  }

  /** Looks at the checksums of all pages that were there at the start, until it is over. */
  void verifyKept(BooleanSupplier over) throws IOException {
    for (int pgno = 1; pgno <= presence.stamps().pages() && !over.getAsBoolean(); pgno++) {
      if (presence.isUnverified(pgno)) {
        var unused = verify(pgno);
      }
    }
  }

  /** The newest admitted view. */
  public synchronized View view() {
    return view;
  }

  public int lineage() {
    return lineage;
  }

  /**
   * Counts of one moment.
   *
   * @param present pages that are there for sure
   * @param total pages that there are: the lock page is none
   * @param pageSize in bytes
   */
  public record Counts(int present, int total, int pageSize) {}

  /** How far it is. */
  public synchronized Counts counts() {
    int total = total(view);
    int sure = presence.sure();
    return new Counts(proofs.isOpen() ? Math.min(sure, total - 1) : sure, total, pageSize);
  }

  private static int total(View v) {
    return v.commit() - (v.commit() >= PageSize.lockPage(v.pageSize()) ? 1 : 0);
  }

  /** Whether anything was there at the start. */
  public boolean wasKept() {
    return wasKept;
  }

  /**
   * Whether every page of the newest admitted view is there for sure, and no checksum of a file is
   * still to be compared.
   */
  public synchronized boolean isComplete() {
    return !proofs.isOpen() && presence.isAll(total(view));
  }

  /** Grows with each change, so that who has seen a number knows whether there is anything new. */
  public synchronized long changes() {
    return presence.changes();
  }

  /** Whether the path still leads to this file. */
  public boolean isAt(java.nio.file.Path path) {
    return file.isAt(path);
  }

  /** What the sidecar says of this state, taken in one moment. */
  synchronized byte[] describe(Sidecar.Writer writer) {
    return writer.write(view, presence.stamps(), proofs.open());
  }

  /** Waits until the disk has what was written. */
  public void sync() throws IOException {
    file.sync();
  }

  /** Must come after the last reader is gone. */
  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      file.close();
      NativeMemory.free(buffer);
      local.close();
      presence.close();
    }
  }
}
