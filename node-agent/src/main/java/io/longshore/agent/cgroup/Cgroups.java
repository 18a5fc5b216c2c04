package io.longshore.agent.cgroup;

import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * The machine's cgroup hierarchies, of which a container gets a directory in each: version 1 (with or without a version 2 tree
 * beside it) or version 2 alone. Only directories under one path of the agent's or a parent that a container asks for are made,
 * and of those only the leaves are ever removed; all else is left as it is. Thread-safe; blocks for file calls in cgroupfs,
 * which take microseconds, and in {@link #kill} and {@link #remove} until they are done.
 */
public final class Cgroups {

    private static final Duration REMOVE_DEADLINE = Duration.ofSeconds(5);

    private final List<Hierarchy> hierarchies;
    private final CgroupPath root;
    private final DeviceGuard devices;
    private final Freezer freezer;
    private final Members members;

    Cgroups(List<Hierarchy> hierarchies, CgroupPath root, Syscalls syscalls) {
        this.hierarchies = List.copyOf(hierarchies);
        this.root = root;
        this.devices = new DeviceGuard(syscalls);
        this.freezer = new Freezer(this.hierarchies);
        this.members = new Members(this.hierarchies, freezer, syscalls);
    }

    /**
     * The hierarchies that this machine has mounted; {@code Internal} if there are none.
     *
     * @param root under which containers and supervisors get theirs; one agent has it for itself
     */
    public static Cgroups detect(Syscalls syscalls, CgroupPath root) {
        try {
            List<Hierarchy> offered = new ArrayList<>();
            for (Hierarchy each : Hierarchy.parse(Files.readString(Path.of("/proc/self/mountinfo")))) {
                offered.add(each.unified() ? withControllers(each) : each);
            }
            if (offered.isEmpty()) {
                throw new Failure.Internal("no cgroup hierarchy is mounted; mount one at /sys/fs/cgroup");
            }
            return new Cgroups(offered, root, syscalls);
        } catch (IOException e) {
            throw new Failure.Internal("cannot read the cgroup mounts: " + e.getMessage(), e);
        }
    }

    private static Hierarchy withControllers(Hierarchy unified) throws IOException {
        String names = read(unified.mountPoint().resolve("cgroup.controllers"));
        return new Hierarchy(unified.mountPoint(), true, names.isEmpty() ? Set.of() : Set.of(names.split(" ")));
    }

    /** Every hierarchy, in the order of mounting. */
    public List<Hierarchy> hierarchies() {
        return hierarchies;
    }

    /** Under which containers and supervisors get theirs. */
    public CgroupPath root() {
        return root;
    }

    /** Whether all there is is version 2: then a container gets a cgroup namespace of its own, as with Docker. */
    public boolean isUnifiedOnly() {
        return hierarchies.stream().allMatch(Hierarchy::unified);
    }

    /**
     * Makes a cgroup in every hierarchy and sets its limits. What an earlier try left at that path is killed and removed first.
     * {@code Invalid} names the limit that the kernel refuses, {@code Internal} says why devices cannot be kept from it; then
     * nothing is left.
     */
    public void create(CgroupPath path, CgroupLimits limits) {
        try {
            for (Hierarchy hierarchy : hierarchies) {
                make(hierarchy, path);
            }
            for (Hierarchy hierarchy : hierarchies) {
                set(hierarchy.directory(path), hierarchy.writes(limits));
            }
            devices.guard(hierarchies, path, limits.devices());
        } catch (IOException e) {
            remove(path);
            throw new Failure.Internal("cannot make cgroup " + path + ": " + e.getMessage(), e);
        } catch (Failure e) {
            remove(path);
            throw e;
        }
    }

    /** What {@link #create} would make and write, a line each; for people. */
    public List<String> describe(CgroupPath path, CgroupLimits limits) {
        List<String> lines = new ArrayList<>();
        for (Hierarchy hierarchy : hierarchies) {
            lines.add("mkdir " + hierarchy.directory(path));
            for (CgroupWrite write : hierarchy.writes(limits)) {
                lines.add("write " + hierarchy.directory(path) + "/" + write.file() + " " + write.value()
                        + (write.optional() ? " # if it is there" : ""));
            }
        }
        if (!limits.devices().isEmpty() && devices.isNeeded(hierarchies)) {
            lines.add("bpf device program of " + limits.devices().size() + " rules");
        }
        return lines;
    }

    /** Makes a cgroup without limits, or takes the one that is there with all that is in it; those below it are made sooner then. */
    public void ensure(CgroupPath path) {
        try {
            for (Hierarchy hierarchy : hierarchies) {
                Path directory = hierarchy.directory(path);
                makeParents(hierarchy, directory);
                if (!makeDirectory(hierarchy, directory)) {
                    // It may be of an agent that died between the two.
                    fillCpuset(hierarchy, directory);
                }
                if (isCpuset(hierarchy)) {
                    fillFromBirth(hierarchy, directory);
                }
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot make cgroup " + path + ": " + e.getMessage(), e);
        }
    }

    private void make(Hierarchy hierarchy, CgroupPath path) throws IOException {
        Path directory = hierarchy.directory(path);
        Path parent = directory.getParent();
        boolean parentIsThere = parent != null && Files.isDirectory(parent);
        if (!parentIsThere || (hierarchy.unified() && !hierarchy.controllers().isEmpty())) {
            makeParents(hierarchy, directory);
        }
        if (!makeDirectory(hierarchy, directory)) {
            kill(path);
            remove(path);
            makeDirectory(hierarchy, directory);
        }
    }

    private void makeParents(Hierarchy hierarchy, Path directory) throws IOException {
        Path parent = directory.getParent();
        if (parent != null && !parent.equals(hierarchy.mountPoint())) {
            makeParents(hierarchy, parent);
            if (!Files.isDirectory(parent)) {
                makeDirectory(hierarchy, parent);
            }
        }
        if (parent != null && hierarchy.unified()) {
            enableControllers(hierarchy, parent);
        }
    }

    /** False if it is there already. */
    private static boolean makeDirectory(Hierarchy hierarchy, Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
        } catch (FileAlreadyExistsException e) {
            return false;
        }
        fillCpuset(hierarchy, directory);
        return true;
    }

    /** A version 1 cpuset is born empty, and nothing can join until it has what its parent has; that may be empty too. */
    private static void fillCpuset(Hierarchy hierarchy, Path directory) throws IOException {
        if (!isCpuset(hierarchy) || directory.equals(hierarchy.mountPoint())) {
            return;
        }
        for (String file : List.of(CpusetController.CPUS, CpusetController.MEMS)) {
            if (read(directory.resolve(file)).isEmpty()) {
                Path parent = directory.resolve("..").normalize();
                if (read(parent.resolve(file)).isEmpty()) {
                    fillCpuset(hierarchy, parent);
                }
                write(directory.resolve(file), read(parent.resolve(file)));
            }
        }
    }

    /** What is made below it, or beside it, is born with what its parent has: six calls less for each container. */
    private static void fillFromBirth(Hierarchy hierarchy, Path directory) throws IOException {
        for (Path at = directory; at != null && !at.equals(hierarchy.mountPoint()); at = at.getParent()) {
            write(at.resolve("cgroup.clone_children"), "1");
        }
    }

    private static boolean isCpuset(Hierarchy hierarchy) {
        return !hierarchy.unified() && hierarchy.controllers().contains("cpuset");
    }

    /** In one write(2), and never creating or truncating: cgroupfs has what it has. */
    private static void write(Path file, String value) throws IOException {
        Files.writeString(file, value, StandardOpenOption.WRITE);
    }

    private static void enableControllers(Hierarchy hierarchy, Path parent) throws IOException {
        Path control = parent.resolve("cgroup.subtree_control");
        Set<String> enabled = Set.of(read(control).split(" "));
        for (Controller controller : Controller.ALL) {
            String name = controller.name();
            if (hierarchy.controllers().contains(name) && !enabled.contains(name)) {
                write(control, "+" + name);
            }
        }
    }

    /** Opens a file once for all that goes into it: of the device rules there are a dozen. */
    private static void set(Path directory, List<CgroupWrite> all) throws IOException {
        for (int at = 0; at < all.size(); ) {
            String file = all.get(at).file();
            int end = at;
            while (end < all.size() && all.get(end).file().equals(file)) {
                end++;
            }
            set(directory.resolve(file), file, all.subList(at, end));
            at = end;
        }
    }

    private static void set(Path path, String file, List<CgroupWrite> values) throws IOException {
        CgroupWrite first = values.getFirst();
        if (first.optional() && !Files.exists(path)) {
            return;
        }
        String value = first.value();
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (CgroupWrite wanted : values) {
                value = wanted.value();
                channel.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.US_ASCII)));
            }
        } catch (IOException e) {
            throw new Failure.Invalid("cannot set " + file + " of the container to " + value + ": " + reason(e), e);
        }
    }

    private static String reason(IOException e) {
        String message = e.getMessage();
        return message == null ? e.getClass().getSimpleName() : message.replaceFirst("^/sys/fs/cgroup/\\S+: ", "");
    }

    /**
     * Changes the limits of a cgroup that is there. {@code Invalid} names the limit that the kernel refuses; those before it in order are
     * set then.
     */
    public void update(CgroupPath path, CgroupLimits before, CgroupLimits limits) {
        try {
            for (Hierarchy hierarchy : hierarchies) {
                set(hierarchy.directory(path), hierarchy.changes(before, limits));
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot change the limits of cgroup " + path + ": " + e.getMessage(), e);
        }
    }

    /** Stops all of its processes where they are; {@code Internal} when they do not within some seconds. */
    public void freeze(CgroupPath path) {
        freezer.freeze(path);
    }

    /** Lets them go on. */
    public void thaw(CgroupPath path) {
        freezer.thaw(path);
    }

    /** Whether they are stopped. */
    public boolean isFrozen(CgroupPath path) {
        return freezer.isFrozen(path);
    }

    /** How many processes of a cgroup the kernel has killed for want of memory; 0 if it cannot be told. */
    public long oomKills(CgroupPath path) {
        for (Hierarchy hierarchy : hierarchies) {
            if (hierarchy.controllers().contains("memory")) {
                Path file =
                        hierarchy.directory(path).resolve(hierarchy.unified() ? "memory.events" : "memory.oom_control");
                try {
                    return Files.readAllLines(file).stream()
                            .filter(line -> line.startsWith("oom_kill "))
                            .mapToLong(line -> Long.parseLong(line.substring("oom_kill ".length())))
                            .sum();
                } catch (IOException e) {
                    return 0;
                }
            }
        }
        return 0;
    }

    /** Whether the cgroup exists in any hierarchy. */
    public boolean exists(CgroupPath path) {
        return hierarchies.stream().anyMatch(each -> Files.isDirectory(each.directory(path)));
    }

    /** The processes in a cgroup and below, as this process sees their ids. */
    public Set<Integer> processes(CgroupPath path) {
        return members.of(path);
    }

    /**
     * Where another process can join a container. A cgroup of version 2 that hands controllers on to those below it takes none itself
     * (cgroup-v2.rst, no internal process constraint): if the container has divided its own, as systemd does, then it is where its first
     * process is.
     *
     * @param path of the container
     * @param pid of its first process
     */
    public CgroupPath entrance(CgroupPath path, int pid) {
        if (!isUnifiedOnly()) {
            return path;
        }
        try {
            Path own = hierarchies.getFirst().directory(path);
            if (read(own.resolve("cgroup.subtree_control")).isEmpty()) {
                return path;
            }
            // Of a version 2 hierarchy alone it is one line. What is not below the container is none of its cgroups.
            String now = read(Path.of("/proc/" + pid + "/cgroup")).replaceFirst("^0::", "");
            return now.startsWith(path + "/") ? new CgroupPath(now) : path;
        } catch (IOException | Failure.Invalid e) {
            return path; // It ends, or gave the cgroup a name that none of ours has; joining says what is wrong.
        }
    }

    /** Kills every process in a cgroup, and waits until they are gone; {@code Internal} if some are left after 10 s. */
    public void kill(CgroupPath path) {
        members.kill(path);
    }

    /** Removes a cgroup that has no processes and none below it; false if it is not like that in every hierarchy. */
    public boolean removeIfEmpty(CgroupPath path) {
        boolean gone = true;
        for (Hierarchy hierarchy : hierarchies) {
            try {
                Files.deleteIfExists(hierarchy.directory(path));
            } catch (IOException e) {
                gone = false; // EBUSY
            }
        }
        return gone;
    }

    /** Removes a cgroup whose processes are gone, and those below it. A leaf that the kernel holds on to is tried again for 5 s. */
    public void remove(CgroupPath path) {
        for (Hierarchy hierarchy : hierarchies) {
            removeTree(hierarchy.directory(path), System.nanoTime() + REMOVE_DEADLINE.toNanos());
        }
    }

    private static void removeTree(Path directory, long deadline) {
        while (true) {
            try {
                for (Path child : children(directory)) {
                    removeTree(child, deadline);
                }
                Files.deleteIfExists(directory);
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (IOException e) {
                if (System.nanoTime() > deadline) {
                    throw new Failure.Internal("cannot remove cgroup " + directory + ": " + e.getMessage(), e);
                }
                sleep(5);
            }
        }
    }

    /** The containers that have a cgroup under {@link #root}. */
    public Set<ContainerId> containers() {
        Set<ContainerId> found = new java.util.LinkedHashSet<>();
        for (Hierarchy hierarchy : hierarchies) {
            try {
                for (Path child : children(hierarchy.directory(root))) {
                    String name = child.getFileName().toString();
                    if (name.matches("[0-9a-f]{64}")) {
                        found.add(ContainerId.parse(name));
                    }
                }
            } catch (IOException e) {
                // No container has been made in this hierarchy yet.
            }
        }
        return found;
    }

    static List<Path> children(Path directory) throws IOException {
        List<Path> found = new ArrayList<>();
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, Files::isDirectory)) {
            stream.forEach(found::add);
        }
        return found;
    }

    private static String read(Path file) throws IOException {
        return Files.readString(file).strip();
    }

    static void sleep(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Internal("interrupted while waiting for a cgroup", e);
        }
    }
}
