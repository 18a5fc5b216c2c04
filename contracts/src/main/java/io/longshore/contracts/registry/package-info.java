/** How registries of images are reached, and as whom: what image-service tells an agent that moves the bytes, and the gateway for {@code GET /info}. */
@NullMarked
package io.longshore.contracts.registry;

import org.jspecify.annotations.NullMarked;
