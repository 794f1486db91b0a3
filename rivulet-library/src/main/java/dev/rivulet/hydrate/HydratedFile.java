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
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

  private volatile Stamps stamps;
  private volatile int lineage;
  private boolean wasKept;

  /** The TXID of the newest admitted view. */
  private volatile long newest;

  // All guarded by this.
  /** Stamps that somebody may still look at. */
  private final List<Stamps> replaced = new ArrayList<>();

  private View view;
  private int present;

  /** Of those that are there: kept ones whose checksum nobody has looked at yet. */
  private int unverified;

  /** Files whose checksum is wrong: of them nothing is put in. */
  private final Map<IndexedFile, DamagedFileException> refused = new HashMap<>();

  private long changes;
  private boolean closed;

  /**
   * A file of which no page is known.
   *
   * @param view the newest view, which is admitted with this
   * @param lineage which of the replica's histories it is of
   */
  public HydratedFile(NativeFile file, ReplicaPages pages, View view, int lineage) {
    this.file = file;
    this.pages = pages;
    this.pageSize = view.pageSize();
    this.view = view;
    this.lineage = lineage;
    this.local = new LocalPages(file, pageSize);
    this.stamps = new Stamps(view.commit());
    this.newest = view.txid().value();
    this.bytes = new byte[pageSize];
    this.buffer = NativeMemory.allocate(pageSize);
    local.set(stamps.inMemory(), newest, lineage);
  }

  /**
   * A file that was kept.
   *
   * @param stamps what the sidecar says of it, all of it unverified
   * @param proven the last TXID of its history that a file in the store proves
   * @param view the newest view
   * @param newer the files of its plan that end after {@code proven}
   */
  HydratedFile(
      NativeFile file,
      ReplicaPages pages,
      Stamps stamps,
      long proven,
      View view,
      int lineage,
      List<IndexedFile> newer)
      throws IOException {
    this(file, pages, view, lineage);
    replaced.add(this.stamps);
    this.stamps = stamps;
    for (int pgno = 1; pgno <= stamps.pages(); pgno++) {
      present += Stamps.isPresent(stamps.get(pgno)) ? 1 : 0;
      unverified += Stamps.isUnverified(stamps.get(pgno)) ? 1 : 0;
    }
    for (int pgno = view.commit() + 1; pgno <= stamps.pages(); pgno++) {
      takeOut(stamps, pgno, view.txid().value());
    }
    long bytes = (long) view.commit() * pageSize;
    if (file.size() > bytes) {
      file.truncate(bytes); // it shrank while nobody looked
    }
    this.wasKept = present > 0;
    this.newest = proven;
    local.set(stamps.inMemory(), newest, lineage);
    admit(view, lineage, proven, newer);
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
    Stamps s = stamps;
    for (int pgno = next.commit() + 1; pgno <= Math.min(view.commit(), s.pages()); pgno++) {
      takeOut(s, pgno, next.txid().value());
    }
    if (next.commit() > s.pages()) {
      replaced.add(s);
      // Room for half as much again: a growing database must not leave a trail of stamps.
      s = s.grownTo(next.commit() + next.commit() / 2);
      stamps = s;
    }
    boolean keep = changes(newer) <= KEPT_FOR_OLDER_VIEWS;
    for (IndexedFile f : newer) {
      takeOut(next, f, keep);
    }
    if (proven < newest) {
      forgetAfter(s, proven, next.txid().value());
    }
    if (next.commit() < view.commit()) {
      file.truncate((long) next.commit() * pageSize);
    }
    view = next;
    newest = next.txid().value();
    local.set(s.inMemory(), newest, lineage);
    changes++;
    for (IndexedFile f : newer) {
      putInCached(f);
    }
  }

  /**
   * Takes out what may be of transactions of another history, although nobody can say. Readers of
   * views before {@code now}, which may be of that history, shall not find here what comes instead.
   */
  private void forgetAfter(Stamps s, long proven, long now) {
    for (int pgno = 1; pgno <= s.pages(); pgno++) {
      if ((s.get(pgno) & Stamps.TXID) > proven) {
        takeOut(s, pgno, now);
      }
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
        takeOut(stamps, pgno, txid);
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

  private void takeOut(Stamps s, int pgno, long txid) {
    present -= Stamps.isPresent(s.get(pgno)) ? 1 : 0;
    unverified -= Stamps.isUnverified(s.get(pgno)) ? 1 : 0;
    s.set(pgno, txid);
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
    Stamps s = stamps;
    local.set(s.inMemory(), newest, of);
    for (int pgno = 1; pgno <= s.pages(); pgno++) {
      takeOut(s, pgno, 0);
    }
    replaced.add(s);
    stamps = new Stamps(next.commit());
    view = next;
    newest = next.txid().value();
    local.set(stamps.inMemory(), newest, of);
    changes++;
    file.truncate(0);
  }

  /** Whether a page of a file would be put in. */
  synchronized boolean wants(View v, IndexedFile f, int pgno) {
    Stamps s = stamps;
    return !closed
        && pgno <= s.pages()
        && pgno <= v.commit()
        && !Stamps.isPresent(s.get(pgno))
        && f.equals(v.map().find(pgno))
        && !refused.containsKey(f);
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

  /** Takes out whatever may be of a file whose checksum is wrong, and takes no more of it. */
  synchronized void refuse(IndexedFile f, DamagedFileException why) {
    refused.put(f, why);
    FrameIndex index = f.index();
    for (int rank = 0; rank < index.count(); rank++) {
      int pgno = index.pgno(rank);
      if (pgno <= stamps.pages()) {
        takeOut(stamps, pgno, stamps.get(pgno) & Stamps.TXID);
      }
    }
    changes++;
  }

  /**
   * Whether something is missing for good.
   *
   * @throws DamagedFileException why a file of the newest admitted view was refused
   */
  synchronized void checkRefused() throws DamagedFileException {
    refused.keySet().removeIf(f -> !view.plan().files().contains(f.file()));
    for (DamagedFileException why : refused.values()) {
      throw why;
    }
  }

  /** What is not there, and has not changed since the view. */
  private boolean isWelcome(View v, int pgno) {
    Stamps s = stamps;
    return pgno <= s.pages()
        && pgno <= view.commit()
        && !Stamps.isPresent(s.get(pgno))
        && s.get(pgno) <= v.txid().value();
  }

  private void write(IndexedFile f, int first, byte[] from, int begin, int end) throws IOException {
    if (begin == end) {
      return;
    }
    int pgno = first + begin;
    file.write(from, begin * pageSize, (end - begin) * pageSize, (pgno - 1L) * pageSize);
    Stamps s = stamps;
    long txid = f.file().max().value();
    for (int i = begin; i < end; i++, pgno++) {
      s.setSum(pgno, Stamps.checksum(pgno, from, i * pageSize, pageSize));
      s.set(pgno, Stamps.PRESENT | Math.max(txid, s.get(pgno)));
    }
    present += end - begin;
    changes++;
  }

  /** Puts a page in that the page cache has; false if it does not. */
  synchronized boolean storeCached(View v, int of, IndexedFile f, int pgno) throws IOException {
    if (closed || !pages.copyCached(f, pgno, buffer)) {
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
    Stamps s = stamps;
    long stamp = s.get(pgno);
    if (closed) {
      return false;
    }
    if (!Stamps.isUnverified(stamp)) {
      return Stamps.isPresent(stamp);
    }
    if (file.read((pgno - 1L) * pageSize, buffer, pageSize) == pageSize) {
      NativeMemory.read(buffer, bytes, 0, pageSize);
      if (Stamps.checksum(pgno, bytes, 0, pageSize) == s.sum(pgno)) {
        s.set(pgno, stamp & ~Stamps.UNVERIFIED);
        unverified--;
        return true;
      }
    }
    takeOut(s, pgno, stamp & Stamps.TXID);
    changes++;
    return false;
  }

  /** Looks at the checksums of all pages that were there at the start, until it is over. */
  void verifyKept(BooleanSupplier over) throws IOException {
    for (int pgno = 1; pgno <= stamps.pages() && !over.getAsBoolean(); pgno++) {
      if (Stamps.isUnverified(stamps.get(pgno))) {
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
    return new Counts(present - unverified, total(view), pageSize);
  }

  private static int total(View v) {
    return v.commit() - (v.commit() >= PageSize.lockPage(v.pageSize()) ? 1 : 0);
  }

  /** Whether anything was there at the start. */
  public boolean wasKept() {
    return wasKept;
  }

  /** Whether every page of the newest admitted view is there for sure. */
  public synchronized boolean isComplete() {
    return unverified == 0 && present == total(view);
  }

  /** Grows with each change, so that who has seen a number knows whether there is anything new. */
  public synchronized long changes() {
    return changes;
  }

  /** Whether the path still leads to this file. */
  public boolean isAt(java.nio.file.Path path) {
    return file.isAt(path);
  }

  /** What the sidecar says of this state, taken in one moment. */
  synchronized byte[] describe(Sidecar.Writer writer) {
    return writer.write(view, stamps);
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
      stamps.close();
      replaced.forEach(Stamps::close);
    }
  }
}
