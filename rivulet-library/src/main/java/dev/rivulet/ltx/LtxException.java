package dev.rivulet.ltx;

/**
 * Bytes that are not a valid LTX file. The message says what is wrong and where in the file; the
 * caller, who knows it, adds the file's name.
 */
public final class LtxException extends Exception {
  private static final long serialVersionUID = 1;

  /** What kind of damage. */
  public enum Kind {
    /** The first bytes are not those of an LTX file. */
    NOT_LTX,
    /** The file ends early. */
    TRUNCATED,
    /** A rule of the header is broken. */
    HEADER,
    /** A page frame breaks a rule or does not decode. */
    FRAME,
    /** The page index breaks a rule or does not fit the file. */
    INDEX,
    /** A rule of the trailer is broken, or bytes follow it. */
    TRAILER,
    /** A checksum does not match. */
    CHECKSUM
  }

  private final Kind kind;

  public LtxException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
