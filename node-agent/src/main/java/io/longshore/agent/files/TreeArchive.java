package io.longshore.agent.files;

import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;

import io.longshore.agent.graphdriver.TarEntries;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.linux.path.Listing;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
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
    private final WalkMemory.Share memory;
    /** Where the walk is: one for all depths, since a thousand names within each other are long. */
    private final StringBuilder path = new StringBuilder();

    private TreeArchive(Syscalls syscalls, OutputStream out, WalkMemory.Share memory) {
        this.syscalls = syscalls;
        this.memory = memory;
        this.entries = new TarEntries(syscalls, out, memory);
    }

    /**
     * Writes one file, or a directory with all it holds.
     *
     * @param at the directory that it is in
     * @param name in it; {@code .} is the directory itself
     * @param archived its name in the archive; what is in it has that and a slash before its own
     * @throws Failure.Invalid if there is too much to be remembered; {@code Unavailable} if other walks remember too much
     */
    static void write(
            Syscalls syscalls, ContainerRoot at, String name, String archived, OutputStream out, WalkMemory memory)
            throws IOException {
        try (WalkMemory.Share share = memory.share()) {
            TreeArchive archive = new TreeArchive(syscalls, out, share);
            archive.path.append(archived);
            archive.add(at, name, 0);
            archive.entries.finish();
        }
    }

    /** Writes what is in a root, with names relative to it. */
    static void writeContent(Syscalls syscalls, ContainerRoot root, OutputStream out, WalkMemory memory)
            throws IOException {
        try (WalkMemory.Share share = memory.share()) {
            TreeArchive archive = new TreeArchive(syscalls, out, share);
            archive.content(root, 0);
            archive.entries.finish();
        }
    }

    /** Writes what the path names. */
    private void add(ContainerRoot at, String name, int depth) throws IOException {
        Optional<FileStatus> status = entries.add(at, name, path.toString());
        if (status.isPresent() && status.get().isDirectory()) {
            descend(at, name, depth);
        }
    }

    private void descend(ContainerRoot at, String name, int depth) throws IOException {
        try (ContainerRoot directory =
                ContainerRoot.of(syscalls, at.open(name, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0))) {
            path.append('/');
            content(directory, depth + 1);
        } catch (ErrnoException e) {
            if (!TarEntries.gone(e)) {
                throw e;
            }
        }
    }

    private void content(ContainerRoot directory, int depth) throws IOException {
        if (depth > MAX_DEPTH) {
            throw new Failure.Invalid("more than " + MAX_DEPTH + " directories within each other at "
                    + path.substring(0, Math.min(path.length(), 100)) + "...");
        }
        if (KERNELS_OWN.contains(syscalls.statfs(directory.fd().procPath()).type())) {
            return;
        }
        int length = path.length();
        try (Listing listing = directory.list(".", memory)) {
            for (List<String> run = listing.next(); !run.isEmpty(); run = listing.next()) {
                for (String name : run) {
                    path.append(name);
                    add(directory, name, depth);
                    path.setLength(length);
                }
            }
        }
    }
}
