package dev.rivulet.db;

/** A setting that is missing or wrong. The message names it and says what would be right. */
public final class SettingsException extends Exception {
  private static final long serialVersionUID = 1;

  public SettingsException(String message) {
    super(message);
  }
}
