/** A small service for tests of the kit. */
@NullMarked
package io.longshore.platform.run.echo;

import org.jspecify.annotations.NullMarked;
