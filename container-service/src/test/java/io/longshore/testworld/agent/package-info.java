/** An in-memory agent part, for tests of container-service. */
@NullMarked
package io.longshore.testworld.agent;

import org.jspecify.annotations.NullMarked;
