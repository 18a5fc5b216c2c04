/** The benchmarks: Longshore beside Debian's Docker Engine on the same machine, file system, image and client. */
@NullMarked
package io.longshore.bench;

import org.jspecify.annotations.NullMarked;
