package dev.rivulet.store;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * One page of a listing of a folder, in the order of whole keys: {@code a-b} comes before {@code
 * a/b}, because a hyphen sorts before a slash. Only folders that can hold a wanted key are read.
 */
final class FileListing {
  /** A link that leads back up would let us walk for ever; the kernel gives up after 40 too. */
  private static final int MAX_DEPTH = 32;

  private final Path root;
  private final String prefix;
  private final String startAfter;
  private final int limit;
  private final List<ObjectEntry> page = new ArrayList<>();

  FileListing(Path root, String prefix, String startAfter, int limit) {
    this.root = root;
    this.prefix = prefix;
    this.startAfter = startAfter;
    this.limit = limit;
  }

  /** A folder's entry with the key it sorts by, which for a folder ends in a slash. */
  private record Candidate(String key, Path path, BasicFileAttributes attributes) {}

  ListPage run() throws IOException {
    if (Files.exists(root) && !Files.isDirectory(root)) {
      throw new FileSystemException(root.toString(), null, "it is a file and not a folder");
    }
    boolean more = walk(root, "", 0);
    return new ListPage(page, more);
  }

  /** Adds what a folder holds; true if there was more than the page takes. */
  private boolean walk(Path folder, String key, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      return false;
    }
    for (Candidate c : candidates(folder, key)) {
      if (c.attributes.isDirectory()) {
        if (walk(c.path, c.key, depth + 1)) {
          return true;
        }
      } else if (c.key.startsWith(prefix) && Keys.ORDER.compare(c.key, startAfter) > 0) {
        if (page.size() == limit) {
          return true;
        }
        page.add(
            new ObjectEntry(
                c.key,
                c.attributes.size(),
                FileStore.etag(c.attributes),
                c.attributes.lastModifiedTime().toMillis()));
      }
    }
    return false;
  }

  private List<Candidate> candidates(Path folder, String folderKey) throws IOException {
    List<Candidate> found = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path path : entries) {
        String name = path.getFileName().toString();
        String key = folderKey + name;
        if (FileWrite.isTemporary(name) || !canMatter(key)) {
          continue;
        }
        try {
          BasicFileAttributes attributes = FileStore.attributes(path);
          if (attributes.isDirectory()) {
            found.add(new Candidate(key + "/", path, attributes));
          } else if (attributes.isRegularFile()) {
            found.add(new Candidate(key, path, attributes));
          }
        } catch (NoSuchFileException e) {
          // It went while we looked, or is a link to nowhere.
        } catch (FileSystemException e) {
          if (!Files.isSymbolicLink(path)) {
            throw e;
          }
          // A link that leads to itself, or through what is no folder.
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    }
    found.sort((a, b) -> Keys.ORDER.compare(a.key, b.key));
    return found;
  }

  /** Whether this key, or one below it if it is a folder, can be in the page. Costs no I/O. */
  private boolean canMatter(String key) {
    String asFolder = key + "/";
    boolean hasPrefix = key.startsWith(prefix) || prefix.startsWith(asFolder);
    boolean afterStart =
        Keys.ORDER.compare(asFolder, startAfter) > 0 || startAfter.startsWith(asFolder);
    return (hasPrefix || asFolder.startsWith(prefix)) && afterStart;
  }
}
