/** The default sandbox beside Docker Engine's, seen from inside. */
@NullMarked
package io.longshore.acceptance.sandbox;

import org.jspecify.annotations.NullMarked;
