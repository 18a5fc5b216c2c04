package io.longshore.agent.cgroup;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Stops all processes of a cgroup where they are, and lets them go on (cgroup-v1/freezer-subsystem.rst; cgroup-v2.rst, cgroup.freeze).
 * Thread-safe; blocks until the kernel says that it is done.
 */
final class Freezer {
    /** A process in an uninterruptible wait freezes when that is over. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final List<Hierarchy> hierarchies;

    Freezer(List<Hierarchy> hierarchies) {
        this.hierarchies = hierarchies;
    }

    /** {@code Internal} when not all of them stop within some seconds; then they run on. */
    void freeze(CgroupPath path) {
        Control control = control(path)
                .orElseThrow(() -> new Failure.Internal("cannot freeze cgroup " + path
                        + ": the machine has no freezer; mount the version 1 controller or use version 2"));
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        try {
            do {
                // Version 1 may miss a process that is being forked, and takes it with the next write.
                control.write(true);
                if (control.isFrozen()) {
                    return;
                }
                pause();
            } while (System.nanoTime() < deadline);
            control.write(false);
            throw new Failure.Internal("cgroup " + path + " does not freeze within " + PATIENCE.toSeconds()
                    + " s: a process of it waits for a disk or a network file system");
        } catch (IOException e) {
            throw new Failure.Internal("cannot freeze cgroup " + path + ": " + e.getMessage(), e);
        }
    }

    /** No error when it is not frozen, or is not there. */
    void thaw(CgroupPath path) {
        try {
            Optional<Control> control = control(path);
            if (control.isPresent()) {
                control.get().write(false);
            }
        } catch (NoSuchFileException e) {
            // It has been removed since it was looked for.
        } catch (IOException e) {
            throw new Failure.Internal("cannot thaw cgroup " + path + ": " + e.getMessage(), e);
        }
    }

    boolean isFrozen(CgroupPath path) {
        try {
            Optional<Control> control = control(path);
            return control.isPresent() && control.get().isFrozen();
        } catch (IOException e) {
            return false; // gone
        }
    }

    /** The files of one tree. */
    private record Control(Path directory, boolean unified) {
        void write(boolean frozen) throws IOException {
            String file = unified ? "cgroup.freeze" : "freezer.state";
            String value = unified ? (frozen ? "1" : "0") : (frozen ? "FROZEN" : "THAWED");
            Files.writeString(directory.resolve(file), value, StandardOpenOption.WRITE);
        }

        boolean isFrozen() throws IOException {
            return unified
                    ? Files.readAllLines(directory.resolve("cgroup.events")).contains("frozen 1")
                    : Files.readString(directory.resolve("freezer.state"))
                            .strip()
                            .equals("FROZEN");
        }
    }

    private Optional<Control> control(CgroupPath path) {
        for (Hierarchy hierarchy : hierarchies) {
            Path directory = hierarchy.directory(path);
            if (!hierarchy.unified() && hierarchy.controllers().contains("freezer") && Files.isDirectory(directory)) {
                return Optional.of(new Control(directory, false));
            }
        }
        return hierarchies.stream()
                .filter(Hierarchy::unified)
                .map(hierarchy -> hierarchy.directory(path))
                .filter(directory -> Files.exists(directory.resolve("cgroup.freeze")))
                .map(directory -> new Control(directory, true))
                .findFirst();
    }

    private static void pause() {
        try {
            Thread.sleep(1);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Internal("interrupted while waiting for a freezer", e);
        }
    }
}
