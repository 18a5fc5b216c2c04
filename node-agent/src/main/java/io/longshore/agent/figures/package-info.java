/** Figures of containers for whoever asks, and the stream of them. */
@NullMarked
package io.longshore.agent.figures;

import org.jspecify.annotations.NullMarked;
