package io.longshore.agent.cgroup;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * A mounted tree of cgroups.
 *
 * @param mountPoint where
 * @param unified whether it is version 2
 * @param controllers those of a version 1 tree by name (a named one without controllers as {@code name=systemd}); those that
 *     the root of a version 2 tree offers
 */
public record Hierarchy(Path mountPoint, boolean unified, Set<String> controllers) {
    private static final int KIND = 0;
    private static final int OPTIONS = 2;
    /** The options in a version 1 superblock that name no controller. */
    private static final Set<String> PLAIN_OPTIONS = Set.of(
            "rw", "ro", "xattr", "clone_children", "noprefix", "cpuset_v2_mode", "favordynmods", "nofavordynmods");

    public Hierarchy {
        controllers = Set.copyOf(controllers);
    }

    /** Finds them in the text of /proc/self/mountinfo (proc_pid_mountinfo(5)); the first mount of each, in its order. */
    static List<Hierarchy> parse(String mountInfo) {
        List<Hierarchy> found = new ArrayList<>();
        for (String line : mountInfo.split("\n")) {
            int dash = line.indexOf(" - ");
            String[] head = line.split(" ");
            if (dash < 0 || head.length < 6) {
                continue;
            }
            String[] tail = line.substring(dash + 3).split(" ");
            // A mount of a part of the tree (a container's own view) is none to build on.
            if (tail.length < 3 || !tail[KIND].startsWith("cgroup") || !head[3].equals("/")) {
                continue;
            }
            var one = new Hierarchy(
                    Path.of(unescaped(head[4])), tail[KIND].equals("cgroup2"), controllers(tail[KIND], tail[OPTIONS]));
            if (found.stream().noneMatch(one::isSameTree)) {
                found.add(one);
            }
        }
        return found;
    }

    private boolean isSameTree(Hierarchy other) {
        return unified == other.unified && controllers.equals(other.controllers);
    }

    private static Set<String> controllers(String kind, String options) {
        Set<String> names = new TreeSet<>();
        if (kind.equals("cgroup")) {
            Arrays.stream(options.split(","))
                    .filter(option -> !PLAIN_OPTIONS.contains(option) && !option.startsWith("release_agent="))
                    .forEach(names::add);
        }
        return names;
    }

    private static String unescaped(String field) {
        return field.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\");
    }

    /** The directory of a cgroup in this tree. */
    public Path directory(CgroupPath path) {
        return mountPoint.resolve(path.value().substring(1));
    }

    /**
     * The file into which a process of one thread writes 0 to join. In version 1 that is the threads' one: a process moves with all its
     * threads held still, which takes the kernel an RCU grace period, ten milliseconds; a thread that moves itself does not wait.
     */
    public Path joining(CgroupPath path) {
        return directory(path).resolve(unified ? "cgroup.procs" : "tasks");
    }

    /** What to write in a cgroup of this tree that had other limits, in order: what is the same is left out. */
    List<CgroupWrite> changes(CgroupLimits before, CgroupLimits limits) {
        List<CgroupWrite> writes = new ArrayList<>();
        for (Controller controller : Controller.ALL) {
            if (controllers.contains(controller.name())) {
                writes.addAll(changes(controller, before, limits));
            }
        }
        return writes;
    }

    private List<CgroupWrite> changes(Controller controller, CgroupLimits before, CgroupLimits limits) {
        List<CgroupWrite> had = unified ? controller.v2(before) : controller.v1(before);
        List<CgroupWrite> added = (unified ? controller.v2(limits) : controller.v1(limits))
                .stream().filter(write -> !had.contains(write)).toList();
        if (controller instanceof Changing changing) {
            return unified ? changing.v2Changes(before, limits, added) : changing.v1Changes(before, limits, added);
        }
        return added;
    }

    /** What to write in a new cgroup of this tree, in order. */
    List<CgroupWrite> writes(CgroupLimits limits) {
        List<CgroupWrite> writes = new ArrayList<>();
        for (Controller controller : Controller.ALL) {
            if (controllers.contains(controller.name())) {
                writes.addAll(unified ? controller.v2(limits) : controller.v1(limits));
            }
        }
        return writes;
    }
}
