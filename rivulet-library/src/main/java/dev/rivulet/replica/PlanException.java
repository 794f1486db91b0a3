package dev.rivulet.replica;

import java.io.IOException;

/** A replica that has no plan for the state that was asked for. The message says why. */
public final class PlanException extends IOException {
  private static final long serialVersionUID = 1;

  /** Why there is none. */
  public enum Reason {
    /** There are no LTX files at all. */
    EMPTY,
    /** The files before or between others are missing. */
    GAP,
    /** The replica has other states, but not this one. */
    NOT_AVAILABLE
  }

  private final Reason reason;

  public PlanException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
