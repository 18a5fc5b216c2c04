/** An in-memory network part, for tests of container-service. */
@NullMarked
package io.longshore.testworld.network;

import org.jspecify.annotations.NullMarked;
