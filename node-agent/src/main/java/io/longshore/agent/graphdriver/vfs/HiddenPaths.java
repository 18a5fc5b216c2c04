package io.longshore.agent.graphdriver.vfs;

import io.longshore.agent.graphdriver.LayerTree;
import io.longshore.agent.graphdriver.TreeCopy;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.oci.layer.EntryPath;
import java.util.HashSet;
import java.util.Set;

/**
 * What a layer hides of those under it, remembered while it is unpacked: nothing of it is copied up then, and there are no marks on the
 * disk. Not thread-safe.
 */
final class HiddenPaths implements LayerTree.Marks, TreeCopy.Hidden {
    /** What a remembered path takes beside its characters: an entry of the set, a string and its array. */
    private static final long REMEMBERED_OVERHEAD = 104;

    private static final String WHAT = "the deleted files of the layer";

    private final WalkMemory.Share memory;
    private final Set<String> paths = new HashSet<>();
    private final Set<String> contents = new HashSet<>();

    HiddenPaths(WalkMemory.Share memory) {
        this.memory = memory;
    }

    @Override
    public void hide(ContainerRoot at, EntryPath path) {
        add(paths, path);
    }

    @Override
    public void hideContent(ContainerRoot at, EntryPath directory) {
        add(contents, directory);
    }

    private void add(Set<String> hidden, EntryPath path) {
        String text = path.toString();
        if (hidden.add(text)) {
            memory.take(REMEMBERED_OVERHEAD + 2L * text.length(), WHAT);
        }
    }

    /** Whatever is there in the layer is what belongs there. */
    @Override
    public boolean isMark(FileStatus status) {
        return false;
    }

    @Override
    public boolean hides(String path) {
        return paths.contains(path);
    }

    @Override
    public boolean hidesContent(String directory) {
        return contents.contains(directory);
    }
}
