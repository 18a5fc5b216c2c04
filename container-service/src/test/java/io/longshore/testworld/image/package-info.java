/** An in-memory image part, for tests of container-service. */
@NullMarked
package io.longshore.testworld.image;

import org.jspecify.annotations.NullMarked;
