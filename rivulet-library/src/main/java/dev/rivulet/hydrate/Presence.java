package dev.rivulet.hydrate;

import java.util.ArrayList;
import java.util.List;

/**
 * Which pages are in the local file, and how many. Written by one thread at a time; stamps are read
 * by any, also those that have been replaced, until it is closed.
 */
final class Presence implements AutoCloseable {
  private volatile Stamps stamps;

  /** Stamps that somebody may still look at. */
  private final List<Stamps> replaced = new ArrayList<>();

  private int present;

  /** Of those that are there: kept ones whose checksum nobody has looked at yet. */
  private int unverified;

  private long changes;

  /** What a sidecar says, or nothing yet; takes the stamps over. */
  Presence(Stamps stamps) {
    this.stamps = stamps;
    for (int pgno = 1; pgno <= stamps.pages(); pgno++) {
      present += Stamps.isPresent(stamps.get(pgno)) ? 1 : 0;
      unverified += Stamps.isUnverified(stamps.get(pgno)) ? 1 : 0;
    }
  }

  Stamps stamps() {
    return stamps;
  }

  boolean has(int pgno) {
    return Stamps.isPresent(stamps.get(pgno));
  }

  /** Whether a page is there that must be looked at before it is used. */
  boolean isUnverified(int pgno) {
    return Stamps.isUnverified(stamps.get(pgno));
  }

  /** If the page is there, from when on it is right; if not, what may come in its place. */
  long txid(int pgno) {
    return stamps.get(pgno) & Stamps.TXID;
  }

  /** Whether anything is there at all. */
  boolean isEmpty() {
    return present == 0;
  }

  /** How many pages are there for sure. */
  int sure() {
    return present - unverified;
  }

  /** Whether as many pages are there, all of them for sure. */
  boolean isAll(int pages) {
    return unverified == 0 && present == pages;
  }

  /** Grows with each change. */
  long changes() {
    return changes;
  }

  /** More has changed than which pages are there. */
  void changed() {
    changes++;
  }

  /** A page has been written. */
  void putIn(int pgno, long txid, int checksum) {
    stamps.setSum(pgno, checksum);
    stamps.set(pgno, Stamps.PRESENT | Math.max(txid, stamps.get(pgno)));
    present++;
    changes++;
  }

  /** A kept page is what its checksum says. */
  void trust(int pgno) {
    stamps.set(pgno, stamps.get(pgno) & ~Stamps.UNVERIFIED);
    unverified--;
  }

  /**
   * A page is not there any more, or never was.
   *
   * @param txid what comes instead must not be older
   */
  void takeOut(int pgno, long txid) {
    long stamp = stamps.get(pgno);
    present -= Stamps.isPresent(stamp) ? 1 : 0;
    unverified -= Stamps.isUnverified(stamp) ? 1 : 0;
    stamps.set(pgno, txid);
    changes++;
  }

  /** The same of all pages from {@code first} to {@code last} that there are stamps for. */
  void takeOut(int first, int last, long txid) {
    for (int pgno = first; pgno <= Math.min(last, stamps.pages()); pgno++) {
      takeOut(pgno, txid);
    }
  }

  /**
   * Takes out what may be of transactions of another history, although nobody can say.
   *
   * @param proven the last TXID that is certainly not
   * @param txid as in {@link #takeOut}
   */
  void takeOutAfter(long proven, long txid) {
    for (int pgno = 1; pgno <= stamps.pages(); pgno++) {
      if (txid(pgno) > proven) {
        takeOut(pgno, txid);
      }
    }
  }

  /** Takes out what was put in as of a transaction, if it is right since no later one. */
  void takeOutOf(long txid) {
    for (int pgno = 1; pgno <= stamps.pages(); pgno++) {
      if (has(pgno) && txid(pgno) == txid) {
        takeOut(pgno, txid);
      }
    }
  }

  /** Makes room for a database of so many pages. */
  void growTo(int commit) {
    if (commit > stamps.pages()) {
      replaced.add(stamps);
      // Room for half as much again: a growing database must not leave a trail of stamps.
      stamps = stamps.grownTo(commit + commit / 2);
    }
  }

  /** Begins again with no page of a database of so many. */
  void clear(int commit) {
    takeOut(1, stamps.pages(), 0);
    replaced.add(stamps);
    stamps = new Stamps(commit);
  }

  /** Must come after the last reader is gone. */
  @Override
  public void close() {
    stamps.close();
    replaced.forEach(Stamps::close);
  }
}
