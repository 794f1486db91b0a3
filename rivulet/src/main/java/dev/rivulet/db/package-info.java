/** TEMPORARY: the lead's package takes this place at the merge. */
@NullMarked
package dev.rivulet.db;

import org.jspecify.annotations.NullMarked;
