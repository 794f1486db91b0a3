/** Tests of the command, in this process and as a user runs it. */
@NullMarked
package dev.rivulet.cli;

import org.jspecify.annotations.NullMarked;
