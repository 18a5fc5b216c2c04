/** A node with nothing but volumes, for tests of volume-service. */
@NullMarked
package io.longshore.testnode.volume;

import org.jspecify.annotations.NullMarked;
