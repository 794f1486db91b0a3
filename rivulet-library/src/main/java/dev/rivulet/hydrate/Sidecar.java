package dev.rivulet.hydrate;

import dev.rivulet.ltx.ChecksumPart;
import dev.rivulet.ltx.PageSize;
import dev.rivulet.ltx.Txid;
import dev.rivulet.natives.NativeFile;
import dev.rivulet.page.IndexedFile;
import dev.rivulet.page.View;
import dev.rivulet.replica.LtxFile;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * What is written beside the local file, so that it can be used again after a restart: which state
 * of which replica it has, and a checksum of every page that is there.
 *
 * <p>It is replaced as a whole and describes one moment. The local file may be of any later moment,
 * or have lost writes: a page that changed since then, or never reached the disk, has another
 * checksum, and is fetched again. So nothing has to be written in any order. Nor is it believed
 * which replica this is: the LTX files that the state was made of are named with their ETags, and
 * the newest of them that still lies in the store proves the history up to its last transaction.
 *
 * <pre>
 * 8 bytes   magic
 * 4, 4, 8   page size, pages, TXID
 * 4         LTX files; of each: level 1, first and last TXID 8 + 8, size 8, ETag 2 + its length
 * 4         of these, files that are being read whole; of each: its place in the list 4, parts 4;
 *           of each part: first rank 4, end 4, CRC 8, bytes 8, the file's own checksum 8
 * 12 each   of each page: stamp, CRC-32C
 * 4         CRC-32C of all that
 * </pre>
 *
 * @param pageSize in bytes
 * @param txid the newest state that the file has followed
 * @param files the plan of that state
 * @param reads those of them that are being read whole
 * @param stamps of its pages
 */
record Sidecar(int pageSize, Txid txid, List<LtxFile> files, List<Read> reads, Stamps stamps) {
  private static final long MAGIC = 0x52495648594432_0aL; // "RIVHYD2" and a line feed
  private static final int FIXED = 8 + 4 + 4 + 8 + 4 + 4;
  private static final int FILE = 1 + 8 + 8 + 8 + 2;
  private static final int READ = 4 + 4;
  private static final int PART = 4 + 4 + 8 + 8 + 8;
  private static final int PAGE = Long.BYTES + Integer.BYTES;
  private static final int SUM = 4;

  /** A file that is being read whole, and what of it has been. */
  record Read(LtxFile file, List<WholeRead.Part> parts) {
    /** The file as a view has it; null if no page of the view is of it any more. */
    @Nullable IndexedFile find(View view) {
      for (int pgno = 1; pgno <= view.commit(); pgno++) {
        IndexedFile holder = view.map().find(pgno);
        if (holder != null && isSame(file, holder.file())) {
          return holder;
        }
      }
      return null;
    }
  }

  /** Where it lies. */
  static Path of(Path file) {
    return file.resolveSibling(file.getFileName() + ".rivulet");
  }

  /** Writes the bytes of one moment. */
  interface Writer {
    byte[] write(View view, Stamps stamps, Collection<WholeRead> reads);
  }

  /** What is to be written of a state whose plan has the files that are being read. */
  static byte[] write(View view, Stamps stamps, Collection<WholeRead> reads) {
    List<LtxFile> files = view.plan().files();
    List<Read> noted = new ArrayList<>();
    for (WholeRead read : reads) {
      noted.add(new Read(read.file().file(), read.parts()));
    }
    int length = FIXED + SUM + view.commit() * PAGE;
    for (LtxFile f : files) {
      length += FILE + f.etag().getBytes(StandardCharsets.UTF_8).length;
    }
    for (Read read : noted) {
      length += READ + read.parts().size() * PART;
    }
    ByteBuffer to = ByteBuffer.allocate(length);
    to.putLong(MAGIC).putInt(view.pageSize()).putInt(view.commit()).putLong(view.txid().value());
    to.putInt(files.size());
    for (LtxFile f : files) {
      byte[] etag = f.etag().getBytes(StandardCharsets.UTF_8);
      to.put((byte) f.level()).putLong(f.min().value()).putLong(f.max().value());
      to.putLong(f.size()).putShort((short) etag.length).put(etag);
    }
    to.putInt(noted.size());
    for (Read read : noted) {
      to.putInt(files.indexOf(read.file())).putInt(read.parts().size());
      for (WholeRead.Part part : read.parts()) {
        to.putInt(part.first()).putInt(part.end());
        to.putLong(part.sum().crc()).putLong(part.sum().length()).putLong(part.fileChecksum());
      }
    }
    for (int pgno = 1; pgno <= view.commit(); pgno++) {
      to.putLong(stamps.get(pgno) & ~Stamps.UNVERIFIED).putInt(stamps.sum(pgno));
    }
    CRC32C crc = new CRC32C();
    crc.update(to.array(), 0, to.position());
    to.putInt((int) crc.getValue());
    return to.array();
  }

  /**
   * Puts it in its place, in one step of the file system.
   *
   * @param forGood whether to wait for the disk. Without, a loss of power may leave any part of it,
   *     which then has another checksum
   */
  static void put(Path path, byte[] bytes, boolean forGood) throws IOException {
    Path next = path.resolveSibling(path.getFileName() + ".new");
    Files.deleteIfExists(next);
    try (NativeFile file = NativeFile.open(next, true)) {
      file.write(bytes, 0, bytes.length, 0);
      if (forGood) {
        file.sync();
      }
    }
    Files.move(next, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Reads it; null if there is none, or it is damaged. */
  static @Nullable Sidecar read(Path path) throws IOException {
    try {
      return parse(Files.readAllBytes(path));
    } catch (NoSuchFileException e) {
      return null;
    } catch (BufferUnderflowException | OutOfMemoryError e) {
      return null;
    }
  }

  private static @Nullable Sidecar parse(byte[] bytes) {
    ByteBuffer from = ByteBuffer.wrap(bytes);
    if (bytes.length < FIXED + SUM || from.getLong() != MAGIC) {
      return null;
    }
    CRC32C crc = new CRC32C();
    crc.update(bytes, 0, bytes.length - SUM);
    if ((int) crc.getValue() != from.getInt(bytes.length - SUM)) {
      return null;
    }
    int pageSize = from.getInt();
    int pages = from.getInt();
    Txid txid = new Txid(from.getLong());
    int count = from.getInt();
    List<LtxFile> files = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int level = from.get();
      Txid min = new Txid(from.getLong());
      Txid max = new Txid(from.getLong());
      long size = from.getLong();
      byte[] etag = new byte[Math.min(from.getShort() & 0xffff, from.remaining())];
      from.get(etag);
      files.add(
          new LtxFile(level, min, max, "", size, new String(etag, StandardCharsets.UTF_8), 0));
    }
    List<Read> reads = reads(from, files);
    if (reads == null
        || !PageSize.isValid(pageSize)
        || pages < 1
        || from.remaining() != (long) pages * PAGE + SUM
        || txid.value() < 0) {
      return null;
    }
    Stamps stamps = new Stamps(pages);
    for (int pgno = 1; pgno <= pages; pgno++) {
      long stamp = from.getLong();
      stamps.set(pgno, Stamps.isPresent(stamp) ? stamp | Stamps.UNVERIFIED : stamp);
      stamps.setSum(pgno, from.getInt());
    }
    return new Sidecar(pageSize, txid, files, reads, stamps);
  }

  private static @Nullable List<Read> reads(ByteBuffer from, List<LtxFile> files) {
    List<Read> reads = new ArrayList<>();
    int count = from.getInt();
    for (int i = 0; i < count; i++) {
      int file = from.getInt();
      int parts = from.getInt();
      if (file < 0 || file >= files.size()) {
        return null;
      }
      List<WholeRead.Part> read = new ArrayList<>();
      for (int j = 0; j < parts; j++) {
        int first = from.getInt();
        int end = from.getInt();
        var sum = new ChecksumPart.Sum(from.getLong(), from.getLong());
        read.add(new WholeRead.Part(first, end, sum, from.getLong()));
      }
      reads.add(new Read(files.get(file), read));
    }
    return reads;
  }

  /**
   * The last TXID of its history that is that of a view's replica, too.
   *
   * @param listed files of the replica
   * @return 0 if nothing proves anything, or the view is of an earlier state
   */
  long proven(View view, Collection<LtxFile> listed) {
    if (pageSize != view.pageSize() || txid.after(view.txid())) {
      return 0;
    }
    long proven = 0;
    for (LtxFile known : files) {
      if (known.max().value() > proven && !known.max().after(txid)) {
        for (LtxFile there : listed) {
          if (isSame(known, there)) {
            proven = known.max().value();
            break;
          }
        }
      }
    }
    return proven;
  }

  private static boolean isSame(LtxFile a, LtxFile b) {
    return a.level() == b.level()
        && a.min().equals(b.min())
        && a.max().equals(b.max())
        && a.size() == b.size()
        && a.etag().equals(b.etag());
  }

  /** Forgets what came after a TXID. */
  void forgetAfter(long proven) {
    for (int pgno = 1; pgno <= stamps.pages(); pgno++) {
      long stamp = stamps.get(pgno);
      if (Stamps.isPresent(stamp) && (stamp & Stamps.TXID) > proven) {
        stamps.set(pgno, 0);
      }
    }
  }
}
