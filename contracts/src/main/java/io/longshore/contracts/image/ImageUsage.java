package io.longshore.contracts.image;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What images take.
 *
 * @param layersSize bytes of all layers that an image of the project needs, each counted once
 * @param images as the Engine API lists them
 */
public record ImageUsage(long layersSize, List<Map<String, @Nullable Object>> images) {}
