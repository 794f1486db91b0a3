package dev.rivulet.natives;

/**
 * How often the newest view of a database has changed, where C sees it: a transaction that begins
 * while the number is what it was reads what the one before has read, and Java need not be asked.
 *
 * <p>Its eight bytes are never freed, for connections may outlive their database at the process's
 * end; there is one for each database that is open. Thread-safe.
 */
public final class Publication {
  static {
    NativeLibrary.load();
  }

  private final long address;

  /** With the number 0. */
  public Publication() {
    address = create0();
    if (address == 0) {
      throw new OutOfMemoryError("no native memory for a database");
    }
  }

  /** What C is given. */
  public long address() {
    return address;
  }

  /** The number now. To be read before what was published. */
  public long number() {
    return number0(address);
  }

  /** Something else is published now. To be called after it was. */
  public void next() {
    next0(address);
  }

  private static native long create0();

  private static native long number0(long address);

  private static native void next0(long address);
}
