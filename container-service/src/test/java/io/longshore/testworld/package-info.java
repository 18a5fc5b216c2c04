/** The parts around container-service, in memory and over real HTTP. */
@NullMarked
package io.longshore.testworld;

import org.jspecify.annotations.NullMarked;
