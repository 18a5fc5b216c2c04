/** How registries of images are reached, and as whom: what image-service tells an agent that moves the bytes. */
@NullMarked
package io.longshore.contracts.registry;

import org.jspecify.annotations.NullMarked;
