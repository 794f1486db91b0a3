package dev.rivulet.store;

import static dev.rivulet.store.StoreException.Kind.CONFLICT;
import static dev.rivulet.store.StoreException.Kind.FORBIDDEN;
import static dev.rivulet.store.StoreException.Kind.NOT_FOUND;
import static dev.rivulet.store.StoreException.Kind.OTHER;
import static dev.rivulet.store.StoreException.Kind.TEMPORARY;

/** What S3's refusals mean: by its error code where there is one, else by the status. */
final class S3Errors {
  private S3Errors() {}

  /**
   * What an error document says.
   *
   * @param code S3's, as {@code NoSuchKey}; empty if the body is none of S3's
   * @param region the right region, where the error is about that
   */
  record Document(String code, String region) {
    static final Document NONE = new Document("", "");

    static Document of(byte[] body) {
      String code = "";
      String region = "";
      try {
        XmlReader xml = new XmlReader(body);
        for (XmlReader.Event e = xml.next(); e != XmlReader.Event.EOF; e = xml.next()) {
          if (e == XmlReader.Event.END && xml.name().equals("Code") && code.isEmpty()) {
            code = plain(xml.text());
          } else if (e == XmlReader.Event.END && xml.name().equals("Region")) {
            region = plain(xml.text());
          }
        }
        return new Document(code, region);
      } catch (StoreException e) {
        // A proxy's HTML page, or nothing at all: the status has to do.
        return NONE;
      }
    }

    /** The server's word goes into messages and host names, so it has to be a word. */
    private static String plain(String text) {
      if (text.length() > 64) {
        return "";
      }
      for (int i = 0; i < text.length(); i++) {
        char c = text.charAt(i);
        if (c > 'z' || !(Character.isLetterOrDigit(c) || c == '-' || c == '_' || c == '.')) {
          return "";
        }
      }
      return text;
    }
  }

  /** Whether it is the bucket that is missing, not an object. */
  static boolean noBucket(HttpResponse response) {
    return Document.of(response.body()).code().equals("NoSuchBucket");
  }

  /**
   * The failure that an answer is.
   *
   * @param client that sent the request
   */
  static StoreException of(HttpResponse response, S3Request request, S3Client client) {
    S3Endpoint endpoint = client.endpoint();
    String bucket = client.bucket();
    int status = response.head().status();
    Document document = Document.of(response.body());
    String code = document.code;
    String told = " (" + status + (code.isEmpty() ? "" : " " + code) + ").";
    String where = "While " + request.what() + " at " + endpoint.shown() + ", ";
    String object = request.key().isEmpty() ? "bucket " + bucket : "object " + request.key();
    return switch (code) {
      case "NoSuchBucket" ->
          new StoreException(
              NOT_FOUND,
              "There is no bucket "
                  + bucket
                  + " at "
                  + endpoint.shown()
                  + "; check the replica URL and its endpoint.");
      case "NoSuchKey" -> MemoryStore.missing(request.key());
      case "InvalidAccessKeyId" ->
          forbidden(
              where + "the store did not know the access key; check AWS_ACCESS_KEY_ID" + told);
      case "SignatureDoesNotMatch" ->
          forbidden(
              where
                  + "the store refused the signature: the secret key is wrong; check"
                  + " AWS_SECRET_ACCESS_KEY"
                  + told);
      case "ExpiredToken", "InvalidToken", "TokenRefreshRequired" ->
          forbidden(
              where + "the session's credentials had expired or are wrong; renew them" + told);
      case "RequestTimeTooSkewed", "RequestExpired" ->
          forbidden(
              where + "this machine's clock differs too much from the store's; set it" + told);
      case "AuthorizationHeaderMalformed", "PermanentRedirect", "TemporaryRedirect" ->
          new StoreException(OTHER, where + wrongRegion(endpoint) + told);
      case "InvalidObjectState" ->
          new StoreException(
              OTHER,
              where
                  + object
                  + " is in an archive (Glacier) and must be restored from it first"
                  + told);
      case "RequestTimeout", "SlowDown", "ServiceUnavailable", "InternalError" ->
          new StoreException(TEMPORARY, where + "the store asked to try again" + told);
      case "" -> unnamed(status, where, object, told, endpoint);
      default -> byStatus(status, where, object, told, endpoint);
    };
  }

  /** Refused, but not in S3's way. */
  private static StoreException unnamed(
      int status, String where, String object, String told, S3Endpoint endpoint) {
    return status == 400 && !endpoint.tls()
        ? new StoreException(
            OTHER,
            where
                + "the answer was a refusal that is not S3's; does the endpoint want https?"
                + told)
        : byStatus(status, where, object, told, endpoint);
  }

  private static StoreException byStatus(
      int status, String where, String object, String told, S3Endpoint endpoint) {
    return switch (status) {
      case 301, 302, 307, 308 -> new StoreException(OTHER, where + wrongRegion(endpoint) + told);
      case 401, 403 ->
          forbidden(
              where
                  + "the store refused access to "
                  + object
                  + "; check the credentials and what they may do"
                  + told);
      case 404 -> new StoreException(NOT_FOUND, where + object + " was not found" + told);
      // Two conditional writes at once: S3 asks for another try, which then sees who won.
      case 409 -> new StoreException(TEMPORARY, where + "another write was under way" + told);
      case 412 ->
          new StoreException(
              CONFLICT, where + object + " was not as the request's condition wants it" + told);
      case 408, 429, 500, 502, 503, 504, 509 ->
          new StoreException(TEMPORARY, where + "the store asked to try again" + told);
      default -> new StoreException(OTHER, where + "the store refused" + told);
    };
  }

  private static String wrongRegion(S3Endpoint endpoint) {
    return "the store said that the bucket is elsewhere than in region "
        + endpoint.region()
        + "; add region=… (or the right endpoint=…) to the replica URL";
  }

  private static StoreException forbidden(String message) {
    return new StoreException(FORBIDDEN, message);
  }
}
