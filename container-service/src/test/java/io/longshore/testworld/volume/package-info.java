/** An in-memory volume part, for tests of container-service. */
@NullMarked
package io.longshore.testworld.volume;

import org.jspecify.annotations.NullMarked;
