/**
 * A local file that is filled with the pages of a database while it is read.
 *
 * <p>Invariants:
 *
 * <ul>
 *   <li>The file is a cache under the views: what it answers is what the view's page map leads to,
 *       and whoever finds nothing in it goes there.
 *   <li>A page of the file has a stamp: the TXID from which on its content holds, up to the newest
 *       state that was {@linkplain dev.rivulet.hydrate.HydratedFile#admit admitted}. A page whose
 *       content changes has no stamp meanwhile.
 *   <li>A state is admitted before anybody can read it.
 *   <li>After a restart no byte of the file is believed that the sidecar has no checksum of, and no
 *       transaction that no file in the store proves.
 * </ul>
 */
@NullMarked
package dev.rivulet.hydrate;

import org.jspecify.annotations.NullMarked;
