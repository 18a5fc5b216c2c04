package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.cgroup.BlockLimits;
import io.longshore.agent.cgroup.DeviceRule;
import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileStatus;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.contracts.agent.BlockIo;
import io.longshore.contracts.agent.ContainerSpec.Device;
import io.longshore.contracts.agent.ContainerSpec.DeviceValue;
import io.longshore.contracts.agent.ContainerSpec.Security;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Looks devices up on the node: what the paths of a specification stand for. Stateless. */
final class HostDevices {
    private static final Path DEV = Path.of("/dev");
    private static final int DEEPEST = 8;
    /** A plan makes no more either. */
    private static final int MOST = 1000;
    /** Files looked at for one device: a directory of devices has some hundred, and a container's start waits for this. */
    private static final int MOST_LOOKED_AT = 10_000;

    /** What is the node's own business, or every container's: terminals, shared memory, what is mounted there. As Docker leaves out. */
    private static final Set<String> NOT_OF_THE_NODE =
            Set.of("pts", "shm", "fd", "mqueue", ".lxc", ".lxd-mounts", ".udev", "console");

    private final Syscalls syscalls;

    HostDevices(Syscalls syscalls) {
        this.syscalls = syscalls;
    }

    /** The nodes below /dev, which a privileged container gets. */
    List<DeviceNode> all() {
        Walk walk = new Walk();
        walk.into(DEV, 1);
        return walk.found;
    }

    /** Through a directory and those in it, as far as is worth while. */
    private final class Walk {
        private final List<DeviceNode> found = new ArrayList<>();
        private int lookedAt;

        /** Whether there was more than is looked at. */
        boolean isCut() {
            return lookedAt > MOST_LOOKED_AT;
        }

        void into(Path directory, int depth) {
            for (Path entry : entries(directory)) {
                if (found.size() >= MOST || isCut()) {
                    return;
                }
                String name = entry.getFileName().toString();
                if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
                    if (depth < DEEPEST && !NOT_OF_THE_NODE.contains(name)) {
                        into(entry, depth + 1);
                    }
                } else if (!NOT_OF_THE_NODE.contains(name)) {
                    device(entry, OpenFlags.AT_SYMLINK_NOFOLLOW).ifPresent(found::add);
                }
            }
        }

        private List<Path> entries(Path directory) {
            List<Path> entries = new ArrayList<>();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
                for (Path entry : stream) {
                    if (++lookedAt > MOST_LOOKED_AT) {
                        break;
                    }
                    entries.add(entry);
                }
            } catch (IOException | DirectoryIteratorException e) {
                return List.of(); // gone since its parent was read, or not a directory any more
            }
            entries.sort(null);
            return entries;
        }
    }

    /** Nodes by their paths in the container, and what it may do with them. */
    record Asked(List<DeviceNode> nodes, List<DeviceRule> rules) {}

    /** What a specification asks for; {@code Invalid} in Docker's words names the device that there is not. */
    Asked asked(Security security) {
        List<DeviceNode> nodes = new ArrayList<>();
        List<DeviceRule> rules = new ArrayList<>();
        for (Device device : security.devices()) {
            if (security.privileged() && device.path().equals(device.inside())) {
                continue; // it has all of them
            }
            for (DeviceNode node : behind(device)) {
                nodes.add(node);
                rules.add(rule(node, device.access()));
            }
        }
        for (String rule : security.deviceRules()) {
            try {
                rules.addAll(DeviceRule.parse(rule));
            } catch (IllegalArgumentException e) {
                throw new Failure.Invalid(String.valueOf(e.getMessage()), e);
            }
        }
        return new Asked(nodes, rules);
    }

    /** The device, or all in the directory, as the container is to see it. */
    private List<DeviceNode> behind(Device device) {
        Path path = Path.of(device.path());
        Optional<DeviceNode> one = device(path, 0);
        if (one.isPresent()) {
            return List.of(named(one.get(), device.inside()));
        }
        Walk walk = new Walk();
        try {
            Path real = path.toRealPath();
            walk.into(real, 1);
            if (walk.isCut()) {
                throw missing(
                        device.path(),
                        "more than " + MOST_LOOKED_AT + " files are in it; name the devices, or a smaller directory");
            }
            if (!walk.found.isEmpty()) {
                return walk.found.stream()
                        .map(node -> named(
                                node,
                                device.inside()
                                        + node.path().substring(real.toString().length())))
                        .toList();
            }
        } catch (IOException e) {
            throw missing(device.path(), "no such file or directory");
        }
        throw missing(device.path(), "not a device node");
    }

    private static Failure missing(String path, String why) {
        return new Failure.Invalid(
                "error gathering device information while adding custom device \"" + path + "\": " + why);
    }

    private static DeviceNode named(DeviceNode node, String path) {
        return new DeviceNode(path, node.mode(), node.number(), node.uid(), node.gid());
    }

    private static DeviceRule rule(DeviceNode node, String access) {
        boolean block = (node.mode() & OpenFlags.S_IFMT) == OpenFlags.S_IFBLK;
        return new DeviceRule(
                block ? 'b' : 'c', FileStatus.major(node.number()), FileStatus.minor(node.number()), access);
    }

    /** Limits by number; {@code Invalid} names a path behind which there is nothing. */
    BlockLimits limits(BlockIo asked) {
        return new BlockLimits(
                asked.weight(),
                numbered(asked.weights()),
                numbered(asked.readBps()),
                numbered(asked.writeBps()),
                numbered(asked.readIops()),
                numbered(asked.writeIops()));
    }

    private List<BlockLimits.Limit> numbered(List<DeviceValue> values) {
        List<BlockLimits.Limit> limits = new ArrayList<>();
        for (DeviceValue value : values) {
            try {
                long number = syscalls.statx(Fd.CWD, value.path(), 0).rdev();
                limits.add(new BlockLimits.Limit(FileStatus.major(number), FileStatus.minor(number), value.value()));
            } catch (ErrnoException e) {
                throw new Failure.Invalid(
                        "stat " + value.path() + ": " + e.errno().text(), e);
            }
        }
        return limits;
    }

    private Optional<DeviceNode> device(Path path, int flags) {
        try {
            FileStatus status = syscalls.statx(Fd.CWD, path.toString(), flags);
            boolean node = status.type() == OpenFlags.S_IFCHR || status.type() == OpenFlags.S_IFBLK;
            return node
                    ? Optional.of(
                            new DeviceNode(path.toString(), status.mode(), status.rdev(), status.uid(), status.gid()))
                    : Optional.empty();
        } catch (ErrnoException e) {
            return Optional.empty();
        }
    }
}
