package io.longshore.agent.linux.path;

import io.longshore.agent.linux.ErrnoException;
import java.util.List;

/** What tests ask of directories that they made. */
public final class Names {
    private Names() {}

    /** The names in a small directory. */
    public static List<String> names(ContainerRoot root, String path) throws ErrnoException {
        WalkMemory memory = WalkMemory.ofHeap();
        try (WalkMemory.Share share = memory.share();
                Listing listing = root.list(path, share)) {
            return listing.next();
        }
    }
}
