package dev.rivulet.natives;

/** The extension's handler at the end of the host's process. */
public final class ExitHandler {
  private ExitHandler() {}

  /**
   * Makes the extension's exit handler run before those of libraries loaded up to now. To be called
   * when a native library was loaded that has one. Does nothing in a Java host, whose JVM is not
   * ours to end. Thread-safe.
   */
  public static void renew() {
    NativeLibrary.load();
    renew0();
  }

  private static native void renew0();
}
