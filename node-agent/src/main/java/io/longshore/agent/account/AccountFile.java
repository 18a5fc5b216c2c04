package io.longshore.agent.account;

import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NONBLOCK;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * /etc/passwd or /etc/group of a container, which its image wrote: read as a stream, at most 16 MiB, lines of at most 1 MiB
 * (containerd's CVE-2026-47262 was one without bounds). A longer line is left out. A missing file is an empty one, as are links
 * in a circle; anything but a regular file is refused, and not even opened.
 */
final class AccountFile {
    private static final long LARGEST = 16L << 20;
    private static final int LONGEST_LINE = 1 << 20;
    private static final int CHUNK = 64 << 10;

    private final Syscalls syscalls;
    private final ContainerRoot root;
    private final String path;

    AccountFile(Syscalls syscalls, ContainerRoot root, String path) {
        this.syscalls = syscalls;
        this.root = root;
        this.path = path;
    }

    /** Gives each line's fields, as separated by colons. */
    void forEach(Consumer<String[]> reader) throws ErrnoException {
        try (Fd found = root.open(path, O_PATH, 0)) {
            FileStatus status = syscalls.statx(found, "", OpenFlags.AT_EMPTY_PATH);
            if (!status.isRegular()) {
                throw new Failure.Invalid(path + " of the image is not a regular file");
            }
            if (status.size() == 0) {
                // Files of /proc are such, and reading one may take away what is in it, as of /proc/kmsg, which the
                // container itself could not open.
                return;
            }
            try (Fd file = syscalls.open(found.procPath(), O_RDONLY | O_NONBLOCK | O_NOCTTY, 0)) {
                read(file, reader);
            }
        } catch (ErrnoException e) {
            if (!e.is(Errno.ENOENT) && !e.is(Errno.ENOTDIR) && !e.is(Errno.ELOOP)) {
                throw e;
            }
        }
    }

    private void read(Fd file, Consumer<String[]> reader) throws ErrnoException {
        ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
        var line = new java.io.ByteArrayOutputStream();
        boolean tooLong = false;
        long total = 0;
        while (syscalls.read(file, chunk) > 0) {
            total += chunk.position();
            if (total > LARGEST) {
                throw new Failure.Invalid(path + " of the image is larger than " + LARGEST + " bytes");
            }
            for (byte b : java.util.Arrays.copyOf(chunk.array(), chunk.position())) {
                if (b == '\n') {
                    give(line, tooLong, reader);
                    tooLong = false;
                } else if (line.size() < LONGEST_LINE) {
                    line.write(b);
                } else {
                    tooLong = true;
                }
            }
            chunk.clear();
        }
        give(line, tooLong, reader);
    }

    private static void give(java.io.ByteArrayOutputStream line, boolean tooLong, Consumer<String[]> reader) {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        line.reset();
        if (!text.isEmpty() && !tooLong && !text.startsWith("#")) {
            reader.accept(text.split(":", -1));
        }
    }
}
