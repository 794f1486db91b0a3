package dev.rivulet.store;

import java.util.List;

/**
 * A page of a listing.
 *
 * @param objects in ascending order of key
 * @param truncated whether there are more after the last one
 */
public record ListPage(List<ObjectEntry> objects, boolean truncated) {
  public ListPage {
    objects = List.copyOf(objects);
  }
}
