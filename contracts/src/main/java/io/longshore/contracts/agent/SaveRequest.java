package io.longshore.contracts.agent;

import io.longshore.contracts.id.Digest;
import java.util.List;

/** Which images to write into an archive; see {@link AgentPaths#SAVE}. */
public record SaveRequest(List<Item> images) {
    /**
     * An image.
     *
     * @param id digest of the configuration
     * @param configJson the configuration, byte for byte
     * @param names that it gets in the archive, as people write them: {@code busybox:latest}
     * @param diffIds of its layers, lowest first
     */
    public record Item(Digest id, String configJson, List<String> names, List<Digest> diffIds) {}
}
