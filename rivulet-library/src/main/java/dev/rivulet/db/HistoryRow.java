package dev.rivulet.db;

/**
 * One state of a replica that can be restored.
 *
 * @param txid the state's last transaction: 16 hex digits
 * @param level of the file that ends there, 0 to 9
 * @param bytes of that file
 * @param uploadedMillis when it was uploaded, by the store's clock: milliseconds since 1970
 * @param headerMillis the time in its header, or -1 if that is not known
 */
public record HistoryRow(
    String txid, int level, long bytes, long uploadedMillis, long headerMillis) {}
