/** Files and directories of our processes' own, on disk for good and closed to others. */
@NullMarked
package io.longshore.platform.file;

import org.jspecify.annotations.NullMarked;
