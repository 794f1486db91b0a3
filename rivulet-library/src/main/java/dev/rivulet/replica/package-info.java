/**
 * LTX files in a store: names, levels, listings, and plans.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>A listing is never trusted to be a moment: files appear, are merged and are deleted between
 *       two requests. What follows from that is a gap in the plan, and a gap is looked at again
 *       before it is an error.
 *   <li>A file is known by key, size and ETag; a name alone proves nothing.
 *   <li>Names that are not LTX file names are ignored, whatever they contain.
 * </ul>
 */
@NullMarked
package dev.rivulet.replica;

import org.jspecify.annotations.NullMarked;
