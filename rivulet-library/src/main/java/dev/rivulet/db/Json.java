package dev.rivulet.db;

import org.jspecify.annotations.Nullable;

/** Writes one flat or nested JSON object. */
final class Json {
  private final StringBuilder out = new StringBuilder("{");

  Json put(String name, long value) {
    key(name).append(value);
    return this;
  }

  /** With three decimals. */
  Json put(String name, double value) {
    long thousandths = Math.round(value * 1000);
    long fraction = Math.abs(thousandths % 1000);
    key(name).append(thousandths / 1000).append('.');
    out.append(fraction < 100 ? "0" : "").append(fraction < 10 ? "0" : "").append(fraction);
    return this;
  }

  Json put(String name, @Nullable String value) {
    key(name);
    if (value == null) {
      out.append("null");
    } else {
      quote(value);
    }
    return this;
  }

  /** A nested object. */
  Json put(String name, Json value) {
    key(name).append(value);
    return this;
  }

  private StringBuilder key(String name) {
    if (out.length() > 1) {
      out.append(',');
    }
    quote(name);
    return out.append(':');
  }

  private void quote(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ' || Character.isSurrogate(c)) {
        out.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
          out.append("0123456789abcdef".charAt(c >> shift & 15));
        }
      } else {
        out.append(c);
      }
    }
    out.append('"');
  }

  @Override
  public String toString() {
    return out + "}";
  }
}
