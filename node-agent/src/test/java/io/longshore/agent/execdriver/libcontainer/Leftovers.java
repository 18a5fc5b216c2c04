package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.TestHierarchies;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What a container leaves in the kernel when something is forgotten. Supervisors are known by their parent, and other tests' mounts by
 * where they are, so that tests may run beside one another.
 *
 * @param mounts in this process's namespace, without those in temporary directories of other tests (proc_pid_mountinfo(5))
 * @param cgroups of containers, as paths below the hierarchies
 * @param children of this process that are alive
 */
record Leftovers(Set<String> mounts, Set<String> cgroups, Set<Long> children) {
    private static final List<Path> OURS = TestHierarchies.directories(BusyboxHost.CGROUPS.value());
    private static final String TEMPORARY = System.getProperty("java.io.tmpdir") + "/";

    static Leftovers now(Path... directories) {
        try {
            Set<String> mounts = new TreeSet<>(Files.readAllLines(Path.of("/proc/self/mountinfo")));
            mounts.removeIf(mount -> mount.split(" ", 6)[4].startsWith(TEMPORARY)
                    && Stream.of(directories).map(Path::toString).noneMatch(mount::contains));
            Set<String> cgroups = new TreeSet<>();
            for (Path ours : OURS) {
                if (Files.isDirectory(ours)) {
                    try (Stream<Path> containers = Files.list(ours)) {
                        containers
                                .filter(Files::isDirectory)
                                .map(Path::toString)
                                .filter(path -> !path.endsWith("/supervisors"))
                                .forEach(cgroups::add);
                    }
                }
            }
            Set<Long> children = ProcessHandle.current()
                    .children()
                    .filter(child -> !isGone(child.pid()))
                    .map(ProcessHandle::pid)
                    .collect(Collectors.toCollection(TreeSet::new));
            return new Leftovers(mounts, cgroups, children);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Ended, be it that nobody has taken note of it yet. */
    static boolean isGone(long pid) {
        try {
            return Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z ");
        } catch (IOException e) {
            return true;
        }
    }
}
