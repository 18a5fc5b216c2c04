package io.longshore.agent.graphdriver.vfs;

import io.longshore.agent.graphdriver.ChangeListener.Kind;
import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Writes what a container has changed as a layer (OCI image spec, layer.md). */
record OwnLayer(TarEntries tar) implements TreeComparison.Visit {
    private static final String WHITEOUT = ".wh.";

    @Override
    public void changed(Kind kind, ContainerRoot at, String name, String path, @Nullable FileStatus status)
            throws IOException {
        if (kind == Kind.DELETED) {
            tar.mark(path.substring(1, path.length() - name.length()) + WHITEOUT + name);
            return;
        }
        if (name.startsWith(WHITEOUT)) {
            throw new Failure.Invalid(
                    "cannot make a layer: the name of " + path + " begins as the marks of deleted files do in a layer");
        }
        tar.add(at, name, path.substring(1));
    }
}
