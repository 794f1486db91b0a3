package dev.rivulet.store;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Set;

/**
 * A Litestream replica URL, understood as Litestream's VFS extension understands it.
 *
 * <p>Every parameter is honoured or refused; a message of a refusal names the parameter and holds
 * no secret.
 *
 * @param scheme {@code s3} or {@code file}
 * @param identity equal for two URLs exactly if they lead to the same replica in the same way;
 *     holds no secret
 * @param display the URL for people and logs, without secrets
 * @param location where it leads
 */
public record ReplicaUrl(String scheme, String identity, String display, StoreLocation location) {

  /** All parameters that belong to a store; any other of a URL is a caller's own. */
  public static final Set<String> PARAMETERS = S3Parameters.NAMES;

  /** Litestream's other schemes. */
  private static final Set<String> LATER =
      Set.of("gs", "abs", "oss", "sftp", "webdav", "webdavs", "nats");

  /** Whether a text looks like a URL at all and not like a file name. */
  public static boolean isUrl(String text) {
    int colon = text.indexOf("://");
    if (colon <= 0) {
      return false;
    }
    for (int i = 0; i < colon; i++) {
      if (!Character.isLetterOrDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a URL.
   *
   * @param environment {@code LITESTREAM_S3_ENDPOINT} is the endpoint of an S3 URL that has none
   * @throws StoreException of kind OTHER, with what is wrong
   */
  public static ReplicaUrl parse(String url, Environment environment) throws StoreException {
    if (S3Url.isArn(url)) {
      return S3Url.parseArn(url, environment);
    }
    UrlSyntax syntax = UrlSyntax.split(url);
    return switch (syntax.scheme()) {
      case "s3" -> S3Url.parse(syntax, environment);
      case "file" -> file(syntax);
      default ->
          throw UrlSyntax.bad(
              LATER.contains(syntax.scheme())
                  ? "Replicas at "
                      + syntax.scheme()
                      + ":// are not supported yet, only s3:// and"
                      + " file://"
                  : "There are no replicas at "
                      + syntax.scheme()
                      + "://; a replica URL begins with s3:// or file://");
    };
  }

  private static ReplicaUrl file(UrlSyntax syntax) throws StoreException {
    if (!syntax.query().isEmpty()) {
      throw UrlSyntax.bad(
          "A file:// replica URL takes no parameter, but this one has "
              + syntax.query().keySet().iterator().next());
    }
    if (syntax.user()) {
      throw UrlSyntax.bad("A file:// replica URL takes no user name");
    }
    // As Litestream: the "host" is the first folder, and what the URL escapes stays escaped, so
    // that file:///a/my%20dir is a folder whose name has a percent sign in it.
    String host = syntax.host();
    String raw = syntax.rawPath();
    UrlSyntax.decode(raw, false);
    String path =
        UrlSyntax.clean((host.isEmpty() ? "" : "/" + host) + UrlSyntax.encode(raw, FILE_PATH));
    Path folder;
    try {
      folder = Path.of(path);
    } catch (InvalidPathException e) {
      throw UrlSyntax.bad("The replica URL names no possible folder: " + path);
    }
    String identity = "file://" + folder.toAbsolutePath().normalize();
    return new ReplicaUrl("file", identity, "file://" + path, new StoreLocation.Folder(folder));
  }

  /** What Go leaves as it is in a path, and the percent sign of an escape that is there already. */
  private static final String FILE_PATH = "/%!$&'()*+,;=:@[]";
}
