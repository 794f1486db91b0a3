/** Tests of the extension in real hosts; they need the distribution, and carry the tag "host". */
@NullMarked
package dev.rivulet.host;

import org.jspecify.annotations.NullMarked;
