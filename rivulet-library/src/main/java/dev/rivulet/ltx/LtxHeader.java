package dev.rivulet.ltx;

import dev.rivulet.ltx.LtxException.Kind;
import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first 100 bytes of an LTX file.
 *
 * <p>The record itself takes any values; {@link #parse} and {@link #check} hold them to the rules.
 *
 * @param flags {@link #NO_CHECKSUM} or 0
 * @param pageSize bytes a page, a power of two from 512 to 65536
 * @param commit size of the database in pages after this file; 0 means that it was deleted
 * @param minTxid first transaction in the file
 * @param maxTxid last transaction in the file
 * @param timestampMillis Unix epoch milliseconds, any value
 * @param preApplyChecksum rolling database checksum before this file; 0 in snapshots and where
 *     databases are not checksummed
 * @param walOffset where in the source WAL the data began; 0 if it did not come from one
 * @param walSize number of WAL bytes in the file
 * @param walSalt1 first salt of that WAL's header
 * @param walSalt2 second salt of that WAL's header
 * @param nodeId who made the file; 0 if nobody in particular
 */
public record LtxHeader(
    int flags,
    int pageSize,
    int commit,
    Txid minTxid,
    Txid maxTxid,
    long timestampMillis,
    long preApplyChecksum,
    long walOffset,
    long walSize,
    int walSalt1,
    int walSalt2,
    long nodeId) {
  /** Length in bytes; the last 20 are reserved, hashed like the rest, and may hold anything. */
  public static final int SIZE = 100;

  /** Flag: the file carries no database checksums, only that of the file itself. */
  public static final int NO_CHECKSUM = 2;

  private static final int MAGIC = 0x4c545831; // "LTX1"
  private static final int RESERVED_OFFSET = 80;

  private static final Txid FIRST = new Txid(1);

  /**
   * Reads and checks a header.
   *
   * @param length how many bytes there are from {@code offset} on; more than {@link #SIZE} is fine
   * @throws LtxException {@code NOT_LTX}, {@code TRUNCATED}, or {@code HEADER} with the rule that
   *     is broken
   */
  public static LtxHeader parse(byte[] bytes, int offset, int length) throws LtxException {
    Objects.checkFromIndexSize(offset, length, bytes.length);
    // The magic first, even of a short file: an error page of a store is not a truncated file.
    for (int i = 0; i < Math.min(length, Integer.BYTES); i++) {
      if (bytes[offset + i] != (byte) (MAGIC >>> (24 - 8 * i))) {
        throw new LtxException(Kind.NOT_LTX, "not an LTX file: it does not begin with \"LTX1\"");
      }
    }
    if (length < SIZE) {
      throw new LtxException(
          Kind.TRUNCATED, "the header has " + length + " bytes instead of " + SIZE);
    }
    LtxHeader header =
        new LtxHeader(
            BigEndian.getInt(bytes, offset + 4),
            BigEndian.getInt(bytes, offset + 8),
            BigEndian.getInt(bytes, offset + 12),
            new Txid(BigEndian.getLong(bytes, offset + 16)),
            new Txid(BigEndian.getLong(bytes, offset + 24)),
            BigEndian.getLong(bytes, offset + 32),
            BigEndian.getLong(bytes, offset + 40),
            BigEndian.getLong(bytes, offset + 48),
            BigEndian.getLong(bytes, offset + 56),
            BigEndian.getInt(bytes, offset + 64),
            BigEndian.getInt(bytes, offset + 68),
            BigEndian.getLong(bytes, offset + 72));
    header.check();
    return header;
  }

  /**
   * Holds the header to the format's rules, in the order in which the format lists them.
   *
   * @throws LtxException {@code HEADER}: the first rule that is broken
   */
  public void check() throws LtxException {
    String broken = brokenRule();
    if (broken != null) {
      throw new LtxException(Kind.HEADER, "the header is invalid: " + broken);
    }
  }

  private @Nullable String brokenRule() {
    if ((flags & ~NO_CHECKSUM) != 0) {
      return "unknown flags 0x" + Integer.toHexString(flags);
    }
    if (!PageSize.isValid(pageSize)) {
      return "page size " + Integer.toUnsignedString(pageSize);
    }
    if (commit < 0) {
      return "a database of %s pages is more than the 2147483647 that Rivulet can address"
          .formatted(Integer.toUnsignedString(commit));
    }
    if (minTxid.equals(Txid.ZERO) || maxTxid.equals(Txid.ZERO)) {
      return "TXID 0";
    }
    if (minTxid.after(maxTxid)) {
      return "minimum TXID %s is after maximum TXID %s".formatted(minTxid, maxTxid);
    }
    String broken = brokenWalRule();
    return broken != null ? broken : brokenChecksumRule();
  }

  private @Nullable String brokenWalRule() {
    if (walOffset < 0) {
      return "WAL offset " + walOffset;
    }
    if (walSize < 0) {
      return "WAL size " + walSize;
    }
    if (walOffset == 0 && (walSalt1 != 0 || walSalt2 != 0)) {
      return "WAL salts without a WAL offset";
    }
    if (walOffset == 0 && walSize != 0) {
      return "WAL size " + walSize + " without a WAL offset";
    }
    return null;
  }

  private @Nullable String brokenChecksumRule() {
    if (isSnapshot() && preApplyChecksum != 0) {
      return "a snapshot has a checksum of what was before it";
    }
    if (noChecksum() && preApplyChecksum != 0) {
      return "a pre-apply checksum despite the no-checksum flag";
    }
    if (!isSnapshot() && !noChecksum() && !PageChecksum.isValid(preApplyChecksum)) {
      return "the pre-apply checksum " + Long.toHexString(preApplyChecksum) + " is none";
    }
    return null;
  }

  /** Writes the {@link #SIZE} bytes, reserved ones as zero. Checks nothing but the array. */
  public void writeTo(byte[] to, int offset) {
    Objects.checkFromIndexSize(offset, SIZE, to.length);
    BigEndian.putInt(to, offset, MAGIC);
    BigEndian.putInt(to, offset + 4, flags);
    BigEndian.putInt(to, offset + 8, pageSize);
    BigEndian.putInt(to, offset + 12, commit);
    BigEndian.putLong(to, offset + 16, minTxid.value());
    BigEndian.putLong(to, offset + 24, maxTxid.value());
    BigEndian.putLong(to, offset + 32, timestampMillis);
    BigEndian.putLong(to, offset + 40, preApplyChecksum);
    BigEndian.putLong(to, offset + 48, walOffset);
    BigEndian.putLong(to, offset + 56, walSize);
    BigEndian.putInt(to, offset + 64, walSalt1);
    BigEndian.putInt(to, offset + 68, walSalt2);
    BigEndian.putLong(to, offset + 72, nodeId);
    Arrays.fill(to, offset + RESERVED_OFFSET, offset + SIZE, (byte) 0);
  }

  /** Whether the file begins with the first transaction, and so must hold every page. */
  public boolean isSnapshot() {
    return minTxid.equals(FIRST);
  }

  /** Whether the file carries no database checksums, as all that Litestream writes. */
  public boolean noChecksum() {
    return (flags & NO_CHECKSUM) != 0;
  }
}
