package io.longshore.agent.files;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a tree as tar while a container may be changing it. Each directory is opened from the one above it and no link is followed, so that
 * nothing that is moved about meanwhile leads anywhere else, or around in circles. The kernel's own file systems are left empty.
 */
final class TreeArchive {
    /** As deep as a layer may be; a descriptor is held for each. */
    private static final int MAX_DEPTH = 1000;
    /** linux/magic.h: proc, sysfs, cgroup, cgroup2, devpts, mqueue, debugfs, tracefs, securityfs, bpf. */
    private static final Set<Long> KERNELS_OWN = Set.of(
            0x9fa0L,
            0x62656572L,
            0x27e0ebL,
            0x63677270L,
            0x1cd1L,
            0x19800202L,
            0x64626720L,
            0x74726163L,
            0x73636673L,
            0xcafe4a11L);

    private final Syscalls syscalls;
    private final TarEntries entries;

    private TreeArchive(Syscalls syscalls, OutputStream out) {
        this.syscalls = syscalls;
        this.entries = new TarEntries(syscalls, out);
    }

    /**
     * Writes one file, or a directory with all it holds.
     *
     * @param at the directory that it is in
     * @param name in it; {@code .} is the directory itself
     * @param archived its name in the archive; what is in it has that and a slash before its own
     */
    static void write(Syscalls syscalls, ContainerRoot at, String name, String archived, OutputStream out)
            throws IOException {
        TreeArchive archive = new TreeArchive(syscalls, out);
        Optional<FileStatus> status = archive.entries.add(at, name, archived);
        if (status.isPresent() && status.get().isDirectory()) {
            archive.descend(at, name, archived, 0);
        }
        archive.entries.finish();
    }

    /** Writes what is in a root, with names relative to it. */
    static void writeContent(Syscalls syscalls, ContainerRoot root, OutputStream out) throws IOException {
        TreeArchive archive = new TreeArchive(syscalls, out);
        archive.content(root, "", 0);
        archive.entries.finish();
    }

    private void descend(ContainerRoot at, String name, String archived, int depth) throws IOException {
        try (ContainerRoot directory =
                ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0))) {
            content(directory, archived + "/", depth + 1);
        } catch (ErrnoException e) {
            if (!TarEntries.gone(e)) {
                throw e;
            }
        }
    }

    private void content(ContainerRoot directory, String prefix, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new Failure.Invalid("more than " + MAX_DEPTH + " directories within each other at "
                    + prefix.substring(0, Math.min(prefix.length(), 100)) + "...");
        }
        if (KERNELS_OWN.contains(syscalls.statfs(directory.fd().procPath()).type())) {
            return;
        }
        for (String name : directory.list(".").stream().sorted().toList()) {
            Optional<FileStatus> status = entries.add(directory, name, prefix + name);
            if (status.isPresent() && status.get().isDirectory()) {
                descend(directory, name, prefix + name, depth);
            }
        }
    }
}
