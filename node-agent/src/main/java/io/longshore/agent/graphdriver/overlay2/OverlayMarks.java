package io.longshore.agent.graphdriver.overlay2;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.S_IFCHR;

import io.longshore.agent.graphdriver.LayerTree;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.Attributes;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.oci.layer.EntryPath;
import java.io.IOException;

/** Marks as the kernel's overlay reads them in a layer's directory (Documentation/filesystems/overlayfs.rst, whiteouts and opaque directories). */
final class OverlayMarks implements LayerTree.Marks {
    static final String OPAQUE = "trusted.overlay.opaque";
    private static final byte[] YES = {'y'};

    private final Syscalls syscalls;

    OverlayMarks(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    @Override
    public void hide(ContainerRoot at, EntryPath path) throws IOException {
        at.node(path.name(), S_IFCHR, 0, Attributes.ofMode(0));
    }

    @Override
    public void hideContent(ContainerRoot at, EntryPath directory) throws IOException {
        try (Fd fd = at.open(directory.name(), O_PATH | O_DIRECTORY, 0)) {
            syscalls.setxattr(fd.procPath(), OPAQUE, YES);
        }
    }

    @Override
    public boolean isMark(FileStatus status) {
        return isWhiteout(status);
    }

    static boolean isWhiteout(FileStatus status) {
        return status.type() == S_IFCHR && status.rdev() == 0;
    }
}
