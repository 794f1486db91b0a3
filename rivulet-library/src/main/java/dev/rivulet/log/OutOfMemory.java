package dev.rivulet.log;

/** What is to say and to ask when the VM's heap is full. Thread-safe; allocates nothing. */
public final class OutOfMemory {
  /** What to do about it, for the operator. */
  public static final String ADVICE =
      "out of memory in the Java VM: give it a larger heap (the extension's is -Xmx in"
          + " lib/jvm.options)";

  /** More than any chain of ours has; one may lead in a circle. */
  private static final int CAUSES = 16;

  private OutOfMemory() {}

  /**
   * Also where a request's thread had no memory, and what waited for it was told of a failed read.
   */
  public static boolean isCauseOf(Throwable thrown) {
    Throwable cause = thrown;
    for (int depth = 0; cause != null && depth < CAUSES; depth++) {
      if (cause instanceof OutOfMemoryError) {
        return true;
      }
      cause = cause.getCause();
    }
    return false;
  }
}
