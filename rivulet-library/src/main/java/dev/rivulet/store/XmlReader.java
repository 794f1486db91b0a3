package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/**
 * Reads the XML that S3 servers answer with, one element after the other.
 *
 * <p>Elements, text, the five named entities and numeric ones; comments, processing instructions
 * and CDATA. A document type is refused, so nothing can expand. Attributes are skipped, namespace
 * prefixes dropped. Every failure is a {@link StoreException}: an answer that is no XML came from a
 * broken connection or something between us and the store. Work and memory are linear in the input.
 *
 * <p>Own code because {@code java.xml} is 8 MB of the runtime and 60 ms of the first listing.
 */
final class XmlReader {
  /** What {@link #next} has found. */
  enum Event {
    START,
    END,
    EOF
  }

  /** S3's answers are four deep. */
  private static final int MAX_DEPTH = 16;

  private final String in;
  private int at;
  private int depth;
  private String name = "";
  private boolean selfClosed;
  private final StringBuilder text = new StringBuilder();

  XmlReader(byte[] bytes) throws StoreException {
    try {
      in = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new StoreException(TEMPORARY, "The store's answer is not UTF-8.", e);
    }
    at = in.startsWith("\uFEFF") ? 1 : 0;
  }

  /** The element's name after START or END. */
  String name() {
    return name;
  }

  /** The text before the event, of the innermost element only. */
  String text() {
    return text.toString();
  }

  Event next() throws StoreException {
    text.setLength(0);
    if (selfClosed) {
      selfClosed = false;
      depth--;
      return Event.END;
    }
    while (at < in.length()) {
      char c = in.charAt(at);
      if (c != '<') {
        text(c);
      } else if (in.startsWith("<!--", at)) {
        at = after("-->", at + 4);
      } else if (in.startsWith("<![CDATA[", at)) {
        int end = after("]]>", at + 9);
        text.append(in, at + 9, end - 3);
        at = end;
      } else if (in.startsWith("<?", at)) {
        at = after("?>", at + 2);
      } else if (in.startsWith("<!", at)) {
        throw bad("has a document type");
      } else {
        return tag();
      }
    }
    if (depth != 0) {
      throw bad("ends too early");
    }
    return Event.EOF;
  }

  private Event tag() throws StoreException {
    boolean end = in.startsWith("</", at);
    int from = at + (end ? 2 : 1);
    int i = from;
    while (i < in.length() && isName(in.charAt(i))) {
      i++;
    }
    if (i == from) {
      throw bad("has a tag without a name");
    }
    String whole = in.substring(from, i);
    name = whole.substring(whole.indexOf(':') + 1);
    char quote = 0;
    while (i < in.length() && (quote != 0 || in.charAt(i) != '>')) {
      char c = in.charAt(i++);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
      } else if (c == '"' || c == '\'') {
        quote = c;
      } else if (c == '<') {
        throw bad("has a tag inside a tag");
      }
    }
    if (i >= in.length()) {
      throw bad("ends inside a tag");
    }
    selfClosed = !end && in.charAt(i - 1) == '/';
    at = i + 1;
    depth += end ? -1 : 1;
    if (depth < 0 || depth > MAX_DEPTH) {
      throw bad(depth < 0 ? "closes what it did not open" : "is nested too deeply");
    }
    return end ? Event.END : Event.START;
  }

  private static boolean isName(char c) {
    return Character.isLetterOrDigit(c) || c == ':' || c == '_' || c == '-' || c == '.';
  }

  private void text(char c) throws StoreException {
    at++;
    if (c != '&') {
      text.append(c);
      return;
    }
    int end = in.indexOf(';', at);
    // The longest one that means something is &#x10FFFF;
    if (end < 0 || end - at > 8) {
      throw bad("has an '&' that begins no entity");
    }
    String entity = in.substring(at, end);
    at = end + 1;
    switch (entity) {
      case "lt" -> text.append('<');
      case "gt" -> text.append('>');
      case "amp" -> text.append('&');
      case "quot" -> text.append('"');
      case "apos" -> text.append('\'');
      default -> text.appendCodePoint(codePoint(entity));
    }
  }

  private static int codePoint(String entity) throws StoreException {
    try {
      int value =
          entity.startsWith("#x")
              ? Integer.parseInt(entity.substring(2), 16)
              : entity.startsWith("#") ? Integer.parseInt(entity.substring(1)) : -1;
      if (Character.isValidCodePoint(value) && (value < 0xD800 || value > 0xDFFF)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // The same as an unknown one.
    }
    throw bad("has an unknown entity");
  }

  private int after(String mark, int from) throws StoreException {
    int i = in.indexOf(mark, from);
    if (i < 0) {
      throw bad("ends too early");
    }
    return i + mark.length();
  }

  private static StoreException bad(String what) {
    return new StoreException(
        TEMPORARY, "The store's answer is not the XML of an S3 server: it " + what + ".");
  }
}
