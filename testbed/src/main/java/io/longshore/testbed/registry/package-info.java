/** A registry of images for tests: Debian's docker-registry on loopback. */
@NullMarked
package io.longshore.testbed.registry;

import org.jspecify.annotations.NullMarked;
