/**
 * Views, page maps, the page cache and fetching.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>{@link dev.rivulet.page.PageMap} and {@link dev.rivulet.page.View} never change.
 *   <li>What is cached is keyed by frame (file and page number), never by page number alone; it
 *       never needs invalidating.
 *   <li>A page is returned only if its frame decoded and its page number and length agree; of a
 *       file that was read whole, only if the file's checksum agrees too.
 *   <li>What is guessed (which pages come next) decides only what is fetched, never what is
 *       returned.
 * </ul>
 */
@NullMarked
package dev.rivulet.page;

import org.jspecify.annotations.NullMarked;
