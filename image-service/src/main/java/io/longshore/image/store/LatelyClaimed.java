package io.longshore.image.store;

import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import io.longshore.oci.manifest.ImageConfiguration;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * What claims of the same image have in common, so that a thousand of them in a second need not find it out a thousand times: what its
 * configuration says, which its id vouches for, and which nodes hold it, where these are many. That may be half a second old: which node
 * is tried first depends on it, and whether the image is there is looked at again. Thread-safe.
 */
@Component
class LatelyClaimed {
    private static final int MOST = 64;
    private static final long FRESH_NANOS = 500_000_000;
    /** Fewer nodes are read each time, so that news of the first ones is not missed. */
    private static final int MANY = 16;
    /** In characters: a longer configuration is read each time, so that no client fills the heap with them. */
    private static final int LONGEST = 16 * 1024;

    private final Map<Digest, ImageConfiguration> configurations = new Latest<>();
    private final Map<Asked, Known> holders = new Latest<>();

    /** Under which name an image was asked for. */
    record Asked(String project, ImageName name) {}

    /** The nodes that hold an image. */
    record Holders(Digest image, List<NodeId> nodes) {}

    private record Known(Holders holders, long nanos) {}

    /** The latest {@link #MOST}. */
    private static final class Latest<K, V> extends LinkedHashMap<K, V> {
        private static final long serialVersionUID = 1;

        Latest() {
            super(16, 0.75f, true);
        }

        @Override
        protected boolean removeEldestEntry(Map.Entry<K, V> eldest) {
            return size() > MOST;
        }
    }

    /** What the image's configuration says. */
    synchronized ImageConfiguration configuration(Digest id, String json) {
        ImageConfiguration known = configurations.get(id);
        if (known != null) {
            return known;
        }
        ImageConfiguration read = ImageConfiguration.parse("image " + id, json.getBytes(StandardCharsets.UTF_8));
        if (json.length() <= LONGEST) {
            configurations.put(id, read);
        }
        return read;
    }

    /** The many nodes that held the image of this name a moment ago; null if that is not known. */
    synchronized @Nullable Holders holders(String project, ImageName name) {
        Known known = holders.get(new Asked(project, name));
        return known != null && System.nanoTime() - known.nanos < FRESH_NANOS ? known.holders : null;
    }

    /** These have just been read. */
    synchronized void read(Asked asked, Holders found) {
        if (found.nodes.size() >= MANY) {
            holders.put(asked, new Known(found, System.nanoTime()));
        }
    }
}
