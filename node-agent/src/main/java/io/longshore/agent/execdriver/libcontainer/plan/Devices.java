package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.AT_SYMLINK_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_BENEATH;
import static io.longshore.agent.linux.OpenFlags.RESOLVE_NO_SYMLINKS;
import static io.longshore.agent.linux.OpenFlags.S_IFCHR;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.execdriver.libcontainer.plan.HostFacts.DeviceNode;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.error.Failure;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/** Device nodes: those of every container, those that it asks for, and the node's for a privileged one. One path is made once. */
final class Devices {
    /** Each takes some calls of a program's 4096. */
    private static final int MOST = 500;

    private static final List<DeviceNode> ALWAYS = List.of(
            new DeviceNode("/dev/null", S_IFCHR | 0666, 0x103, 0, 0),
            new DeviceNode("/dev/zero", S_IFCHR | 0666, 0x105, 0, 0),
            new DeviceNode("/dev/full", S_IFCHR | 0666, 0x107, 0, 0),
            new DeviceNode("/dev/random", S_IFCHR | 0666, 0x108, 0, 0),
            new DeviceNode("/dev/urandom", S_IFCHR | 0666, 0x109, 0, 0),
            new DeviceNode("/dev/tty", S_IFCHR | 0666, 0x500, 0, 0));

    /** What is ours to make in /dev, or is made by a terminal. */
    private static final Set<String> OURS = Set.of(
            "/dev/console",
            "/dev/ptmx",
            "/dev/pts",
            "/dev/shm",
            "/dev/mqueue",
            "/dev/fd",
            "/dev/stdin",
            "/dev/stdout",
            "/dev/stderr",
            "/dev/core");

    private final Map<InsidePath, DeviceNode> inDev = new LinkedHashMap<>();
    private final Map<InsidePath, DeviceNode> elsewhere = new LinkedHashMap<>();

    /**
     * @param asked by the container; they take the place of what it would have there otherwise, but for /dev/null, by which files are hidden
     * @param all of the node, for a privileged container
     */
    Devices(List<DeviceNode> asked, List<DeviceNode> all) {
        place(ALWAYS.getFirst());
        asked.forEach(this::place);
        ALWAYS.forEach(this::place);
        if (inDev.size() + elsewhere.size() > MOST) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST + " devices, not " + (inDev.size() + elsewhere.size()));
        }
        // A node may have any number of them, and a privileged container starts all the same.
        all.stream().limit(MOST - inDev.size() - elsewhere.size()).forEach(this::place);
    }

    /** All of them, one for each path. */
    List<DeviceNode> nodes() {
        return Stream.concat(inDev.entrySet().stream(), elsewhere.entrySet().stream())
                .map(each -> {
                    DeviceNode node = each.getValue();
                    return new DeviceNode(each.getKey().toString(), node.mode(), node.number(), node.uid(), node.gid());
                })
                .toList();
    }

    private void place(DeviceNode device) {
        InsidePath at = InsidePath.parse("device path", device.path());
        if (at.isRoot()) {
            throw new Failure.Invalid("a device cannot be made at \"/\"");
        }
        if (at.isWithin("/proc") || at.isWithin("/sys")) {
            throw new Failure.Invalid("a device cannot be made at \"" + at + "\": it is inside a system directory");
        }
        if (at.isWithin("/dev") && at.names().size() > 1) {
            if (!OURS.contains(at.prefix(2))) {
                inDev.putIfAbsent(at, device);
            }
        } else {
            elsewhere.putIfAbsent(at, device);
        }
    }

    /** In the container's own /dev, before it is attached anywhere. The umask is 0. */
    void makeInDev(Steps steps) {
        Set<String> made = new HashSet<>();
        inDev.forEach((at, device) -> {
            String why = "make " + at;
            for (int depth = 2; depth < at.names().size(); depth++) {
                if (made.add(at.prefix(depth))) {
                    steps.add(Op.of(Call.MKDIRAT, steps.dev, text(below(at, depth)), number(0755))
                            .tolerate(Errno.EEXIST)
                            .label(why));
                }
            }
            if (at.names().size() == 2) {
                steps.add(node(steps.dev, below(at, 2), device, why));
                return;
            }
            // A link of ours, as /dev/fd, must not lead anywhere.
            Arg.Slot directory = steps.target();
            steps.add(Steps.openat2(
                            steps.dev,
                            below(at, at.names().size() - 1),
                            O_PATH | O_DIRECTORY | O_CLOEXEC,
                            RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS)
                    .save(directory)
                    .label(why));
            steps.add(node(directory, at.names().getLast(), device, why));
            steps.add(Op.of(Call.CLOSE, directory));
        });
    }

    private static String below(InsidePath at, int depth) {
        return String.join("/", at.names().subList(1, depth));
    }

    /** At other places of the root, where what is there stays. */
    void makeElsewhere(Steps steps) {
        elsewhere.forEach((at, device) -> {
            String why = "make " + at;
            InsidePath parent = new InsidePath(at.names().subList(0, at.names().size() - 1));
            steps.openOrCreate(parent, true, steps.target(), why);
            steps.add(Op.of(Call.UMASK, number(0)));
            Op[] node = node(steps.target(), at.names().getLast(), device, why);
            node[0] = node[0].tolerate(Errno.EEXIST).skipOnError(node.length - 1);
            steps.add(node);
            steps.add(Op.of(Call.UMASK, number(022)), Op.of(Call.CLOSE, steps.target()));
        });
    }

    private static Op[] node(Arg.Slot directory, String name, DeviceNode device, String why) {
        List<Op> ops = new ArrayList<>();
        ops.add(Op.of(Call.MKNODAT, directory, text(name), number(device.mode()), number(device.number()))
                .label(why));
        if (device.uid() != 0 || device.gid() != 0) {
            ops.add(Op.of(
                            Call.FCHOWNAT,
                            directory,
                            text(name),
                            number(device.uid()),
                            number(device.gid()),
                            number(AT_SYMLINK_NOFOLLOW))
                    .label(why));
        }
        return ops.toArray(Op[]::new);
    }
}
