/**
 * The create request: reading, checking, completing it with the image's and the Engine's defaults, and resolving it into the
 * {@link io.longshore.contracts.agent.ContainerSpec}. All of it is pure.
 */
@NullMarked
package io.longshore.container.request;

import org.jspecify.annotations.NullMarked;
