/** The docker command line against every engine: output, effect, and the same answers as Docker Engine gives. */
@NullMarked
package io.longshore.acceptance.cli;

import org.jspecify.annotations.NullMarked;
