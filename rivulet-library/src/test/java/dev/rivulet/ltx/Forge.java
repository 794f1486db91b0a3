package dev.rivulet.ltx;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes files that are wrong in exactly one way: whatever is put in, offsets, lengths and the file
 * checksum fit to it, unless they are what is wrong. Shares no code with the writer.
 */
final class Forge {
  private static final class Frame {
    final int pgno;
    final byte[] bytes;
    final byte[] page;

    Frame(int pgno, byte[] bytes, byte[] page) {
      this.pgno = pgno;
      this.bytes = bytes;
      this.page = page;
    }
  }

  private final byte[] header = new byte[LtxHeader.SIZE];
  private final List<Frame> frames = new ArrayList<>();
  private byte[] endMarker = new byte[6];
  private byte @Nullable [] entries;
  private @Nullable Long indexLength;
  private long postApplyChecksum;
  private @Nullable Long fileChecksum;

  private Forge(LtxHeader header) {
    header.writeTo(this.header, 0);
  }

  /** A file of pages of 512 bytes that is no snapshot and has no database checksums. */
  static Forge update(int commit) {
    return new Forge(
        new LtxHeader(2, 512, commit, new Txid(7), new Txid(9), 1000, 0, 0, 0, 0, 0, 0));
  }

  /** A snapshot of pages of 512 bytes without database checksums. */
  static Forge snapshot(int commit) {
    return new Forge(
        new LtxHeader(2, 512, commit, new Txid(1), new Txid(9), 1000, 0, 0, 0, 0, 0, 0));
  }

  static Forge of(LtxHeader header) {
    return new Forge(header);
  }

  /** A page filled with one byte, stored as a block of literals and a match, as in the examples. */
  Forge page(int pgno, int value) {
    String v = "%02x".formatted(value);
    byte[] frame =
        Examples.hex("%08x 0001 0000000c 1f%s0100ffe850".formatted(pgno, v) + v.repeat(5));
    return frame(pgno, frame, Examples.filled(512, value));
  }

  /** Any bytes as a frame; {@code page} is what the file checksum takes it for. */
  Forge frame(int pgno, byte[] bytes, byte[] page) {
    frames.add(new Frame(pgno, bytes, page));
    return this;
  }

  Forge endMarker(String hex) {
    endMarker = Examples.hex(hex);
    return this;
  }

  /** Index entries and terminator in place of the right ones. */
  Forge entries(String hex) {
    entries = Examples.hex(hex);
    return this;
  }

  Forge indexLength(long length) {
    indexLength = length;
    return this;
  }

  Forge postApplyChecksum(long checksum) {
    postApplyChecksum = checksum;
    return this;
  }

  Forge fileChecksum(long checksum) {
    fileChecksum = checksum;
    return this;
  }

  byte[] build() {
    var out = new ByteArrayOutputStream();
    var crc = new Crc64();
    var right = new ByteArrayOutputStream();
    put(out, crc, header);
    for (Frame frame : frames) {
      varint(right, frame.pgno);
      varint(right, out.size());
      varint(right, frame.bytes.length);
      boolean block = frame.bytes.length > 5 && (frame.bytes[5] & 1) != 0;
      crc.update(frame.bytes, 0, Math.min(frame.bytes.length, block ? 10 : 6));
      crc.update(frame.page, 0, frame.page.length);
      out.writeBytes(frame.bytes);
    }
    right.write(0);
    put(out, crc, endMarker);
    byte[] index = entries != null ? entries : right.toByteArray();
    put(out, crc, index);
    put(out, crc, bigEndian(indexLength != null ? indexLength : index.length));
    put(out, crc, bigEndian(postApplyChecksum));
    out.writeBytes(bigEndian(fileChecksum != null ? fileChecksum : crc.checksum()));
    return out.toByteArray();
  }

  private static void put(ByteArrayOutputStream out, Crc64 crc, byte[] bytes) {
    out.writeBytes(bytes);
    crc.update(bytes, 0, bytes.length);
  }

  private static byte[] bigEndian(long value) {
    return Examples.hex("%016x".formatted(value));
  }

  static void varint(ByteArrayOutputStream out, long value) {
    long rest = value;
    for (; rest >>> 7 != 0; rest >>>= 7) {
      out.write((int) ((rest & 0x7f) | 0x80));
    }
    out.write((int) rest);
  }
}
