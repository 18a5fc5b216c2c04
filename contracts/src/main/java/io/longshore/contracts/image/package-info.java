/** What other parts may ask of image-service. */
@NullMarked
package io.longshore.contracts.image;

import org.jspecify.annotations.NullMarked;
