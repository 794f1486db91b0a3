package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.FORBIDDEN;
import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;

/** DeleteObjects: its body, and what the answer says of each key. */
final class S3Delete {
  /** S3's own limit. */
  static final int BATCH = 1000;

  private final byte[] body;

  S3Delete(String keyPrefix, List<String> keys) {
    StringBuilder xml = new StringBuilder("<Delete xmlns=\"");
    xml.append("http://s3.amazonaws.com/doc/2006-03-01/\"><Quiet>true</Quiet>");
    for (String key : keys) {
      xml.append("<Object><Key>");
      escape(keyPrefix, xml);
      escape(key, xml);
      xml.append("</Key></Object>");
    }
    body = xml.append("</Delete>").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static void escape(String text, StringBuilder out) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      switch (c) {
        case '<' -> out.append("&lt;");
        case '>' -> out.append("&gt;");
        case '&' -> out.append("&amp;");
        default -> out.append(c);
      }
    }
  }

  PutRequest.Content content() {
    return PutRequest.Content.of(body);
  }

  String md5() {
    try {
      return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(body));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has MD5", e);
    }
  }

  /** Fails with the first key that was not deleted. */
  void check(byte[] answer) throws StoreException {
    XmlReader xml = new XmlReader(answer);
    String key = "";
    String code = "";
    for (XmlReader.Event e = xml.next(); e != XmlReader.Event.EOF; e = xml.next()) {
      if (e != XmlReader.Event.END) {
        continue;
      }
      switch (xml.name()) {
        case "Key" -> key = xml.text();
        case "Code" -> code = xml.text();
        case "Error" -> {
          if (!code.equals("NoSuchKey")) {
            throw refused(key, code);
          }
        }
        default -> {}
      }
    }
  }

  private static StoreException refused(String key, String code) {
    StoreException.Kind kind =
        switch (code) {
          case "AccessDenied" -> FORBIDDEN;
          case "InternalError", "SlowDown", "ServiceUnavailable" -> TEMPORARY;
          default -> OTHER;
        };
    return new StoreException(kind, "The store did not delete object " + key + " (" + code + ").");
  }
}
