package dev.rivulet.cli;

import org.jspecify.annotations.Nullable;

/** Writes indented JSON. The caller keeps its grammar. */
final class JsonText {
  private final StringBuilder out = new StringBuilder();
  private int depth;

  /** Whether the next name or element is the first of its object or array. */
  private boolean first = true;

  /** Whether a name was just written, whose value comes next. */
  private boolean named;

  JsonText object() {
    return open('{');
  }

  JsonText endObject() {
    return close('}');
  }

  JsonText array() {
    return open('[');
  }

  JsonText endArray() {
    return close(']');
  }

  JsonText name(String name) {
    separate();
    quote(name);
    out.append(": ");
    named = true;
    return this;
  }

  JsonText number(long value) {
    separate();
    out.append(value);
    return this;
  }

  JsonText string(@Nullable String value) {
    separate();
    if (value == null) {
      out.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  private JsonText open(char bracket) {
    separate();
    out.append(bracket);
    depth++;
    first = true;
    return this;
  }

  private JsonText close(char bracket) {
    depth--;
    if (!first) {
      newLine();
    }
    out.append(bracket);
    first = false;
    return this;
  }

  /** What stands before a name or a value. */
  private void separate() {
    if (named) {
      named = false;
      return;
    }
    if (!first) {
      out.append(',');
    }
    if (depth > 0) {
      newLine();
    }
    first = false;
  }

  private void newLine() {
    out.append('\n').repeat("  ", depth);
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  @Override
  public String toString() {
    return out.toString();
  }
}
