package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NODEV;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOEXEC;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_NOSUID;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_STRICTATIME;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_CREAT;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_NOCTTY;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_RDWR;
import static io.longshore.agent.linux.OpenFlags.O_WRONLY;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.agent.ContainerSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** /proc, /dev and /sys as Docker makes them. What the container mounts itself at one of these paths takes its place. */
final class SystemMounts {
    static final int PLAIN = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV;

    private static final Map<String, String> LINKS = links();

    private final Steps steps;
    private final ContainerSpec spec;
    private final Inside inside;
    private final Set<String> replaced;

    /** What the parts of a plan have decided that it shows. */
    record Inside(Devices devices, Sharing sharing, CgroupSteps cgroups, boolean kcore) {}

    /** @param replaced destinations of the container's own mounts */
    SystemMounts(Steps steps, ContainerSpec spec, Inside inside, Set<String> replaced) {
        this.steps = steps;
        this.spec = spec;
        this.inside = inside;
        this.replaced = replaced;
    }

    private static Map<String, String> links() {
        Map<String, String> links = new LinkedHashMap<>();
        links.put("fd", "/proc/self/fd");
        links.put("stdin", "/proc/self/fd/0");
        links.put("stdout", "/proc/self/fd/1");
        links.put("stderr", "/proc/self/fd/2");
        links.put("ptmx", "pts/ptmx");
        return links;
    }

    void add() {
        boolean privileged = spec.security().privileged();
        String why = "mount proc on /proc";
        steps.ordinaryDirectory("proc", why);
        Arg.Slot proc = inside.sharing().proc(steps);
        steps.add(Steps.move(proc, steps.target(), why), Op.of(Call.CLOSE, proc));
        devices();
        if (!replaced.contains("/sys")) {
            sysfs(PLAIN | (privileged ? 0 : MOUNT_ATTR_RDONLY));
            if (!replaced.contains("/sys/fs/cgroup")) {
                inside.cgroups().show(steps, privileged);
            }
        }
    }

    private void sysfs(int attributes) {
        String why = "mount sysfs on /sys";
        steps.ordinaryDirectory("sys", why);
        Arg.Slot mount = steps.fileSystem("sysfs", Map.of(), attributes);
        steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount));
    }

    /** Nodes and links are made before the file system is attached anywhere, so nobody can be in the way. */
    private void devices() {
        steps.fileSystem(
                "tmpfs",
                ordered("mode", "755", "size", "65536k"),
                MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME,
                steps.dev);
        steps.add(Op.of(Call.UMASK, number(0)));
        LINKS.forEach(this::link);
        if (inside.kcore()) {
            link("core", "/proc/kcore");
        }
        inside.devices().makeInDev(steps);
        for (String directory :
                inside.sharing().hasShm() ? List.of("pts", "shm", "mqueue") : List.of("pts", "mqueue")) {
            // What the container mounts there itself makes its own, with a mode that this one would hide.
            if (!replaced.contains("/dev/" + directory)) {
                steps.add(Op.of(Call.MKDIRAT, steps.dev, text(directory), number(0755))
                        .label("make /dev/" + directory));
            }
        }
        steps.add(Op.of(Call.UMASK, number(022)));
        if (!replaced.contains("/dev")) {
            steps.ordinaryDirectory("dev", "mount tmpfs on /dev");
            steps.add(Steps.move(steps.dev, steps.target(), "mount tmpfs on /dev"));
            below();
        }
        terminals();
    }

    /** Terminals of the container's own, also where it has brought a /dev or /dev/pts: then they are mounted nowhere, and its process has one. */
    private void terminals() {
        boolean mounted = !replaced.contains("/dev") && !replaced.contains("/dev/pts");
        Map<String, String> pts = ordered("newinstance", "", "ptmxmode", "0666", "mode", "0620", "gid", "5");
        Arg.Slot terminals = steps.fileSystem("devpts", pts, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC);
        if (mounted) {
            steps.add(Steps.moveInto(terminals, steps.dev, "pts", "mount devpts on /dev/pts"));
        }
        if (spec.process().tty()) {
            terminal(terminals, mounted);
        } else {
            input();
        }
        steps.add(Op.of(Call.CLOSE, terminals));
    }

    private void below() {
        if (!replaced.contains("/dev/mqueue")) {
            under("mqueue", "mqueue", Map.of());
        }
        if (!replaced.contains("/dev/shm") && inside.sharing().hasShm()) {
            inside.sharing().mountShm(steps, spec.shmBytes());
        }
    }

    private void under(String name, String type, Map<String, String> settings) {
        Arg.Slot mount = steps.fileSystem(type, settings, PLAIN);
        steps.add(
                Steps.moveInto(mount, steps.dev, name, "mount " + type + " on /dev/" + name), Op.of(Call.CLOSE, mount));
    }

    private void link(String name, String target) {
        steps.add(Op.of(Call.SYMLINKAT, text(target), steps.dev, text(name)).label("make /dev/" + name));
    }

    /** Without a terminal descriptor 0 may be the node's /dev/null; the container gets its own. A pipe takes its place later. */
    private void input() {
        if (!spec.process().openStdin()) {
            Arg.Slot file = steps.scratch();
            steps.add(
                    Op.of(Call.OPENAT, steps.dev, text("null"), number(O_RDWR | O_NOFOLLOW | O_CLOEXEC), NULL)
                            .save(file)
                            .label("open /dev/null"),
                    Op.of(Call.DUP3, file, number(0), number(0)).label("open /dev/null"),
                    Op.of(Call.CLOSE, file));
        }
    }

    /** The terminal: the peer is opened through its master, and the console mounted from the peer, so neither goes by a path. */
    private void terminal(Arg.Slot terminals, boolean console) {
        String why = "open a terminal";
        Arg.Slot master = steps.program.slot("master");
        Arg.Slot peer = steps.program.slot("terminal");
        int open = O_RDWR | O_NOCTTY | O_CLOEXEC;
        steps.add(
                Op.of(Call.OPENAT, terminals, text("ptmx"), number(open), NULL)
                        .save(master)
                        .label(why),
                Op.of(Call.IOCTL, master, number(ProcessFlags.TIOCSPTLCK), Arg.bytes(new byte[4]))
                        .label(why),
                Op.of(Call.IOCTL, master, number(ProcessFlags.TIOCGPTPEER), number(open))
                        .save(peer)
                        .label(why),
                Op.sendTerminal(master).label(why),
                Op.of(Call.CLOSE, master));
        if (console) {
            console(peer);
        }
        for (int i = 0; i < 3; i++) {
            steps.add(Op.of(Call.DUP3, peer, number(i), number(0)).label(why));
        }
        if (!inside.sharing().joinsProcesses()) {
            steps.add(Op.of(Call.IOCTL, number(0), number(ProcessFlags.TIOCSCTTY), number(0))
                    .label(why));
        }
        steps.add(Op.of(Call.CLOSE, peer));
    }

    private void console(Arg.Slot peer) {
        String why = "mount the terminal on /dev/console";
        steps.add(
                Op.of(Call.OPENAT, steps.dev, text("console"), number(O_WRONLY | O_CREAT | O_CLOEXEC), number(0620))
                        .save(steps.scratch())
                        .label("make /dev/console"),
                Op.of(Call.CLOSE, steps.scratch()),
                steps.cloneOf(peer, 0, why).save(steps.target()),
                Steps.moveInto(steps.target(), steps.dev, "console", why),
                Op.of(Call.CLOSE, steps.target()));
    }

    static Map<String, String> ordered(String... keysAndValues) {
        Map<String, String> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put(keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    /**
     * Attaches a /dev that the container does not use, since it has brought another, over the node's, which ends with the rest of the
     * node's tree: kernels before 6.15 copy no mount that is attached nowhere, and paths are masked by copies of its null. After this
     * nothing of the node's /dev can be found.
     */
    static void attachUnused(Steps steps) {
        String why = "attach the unused /dev";
        Arg.Slot place = steps.scratch();
        steps.add(
                Op.of(Call.OPENAT, Arg.CWD, text("/dev"), number(O_PATH | O_DIRECTORY | O_CLOEXEC), NULL)
                        .save(place)
                        .label(why),
                Steps.move(steps.dev, place, why),
                Op.of(Call.CLOSE, place));
    }

    /** Opens of the container's own /dev/null, whatever the image or a mount has there. */
    static Op openNull(Steps steps, Arg.Slot into) {
        return Op.of(Call.OPENAT, steps.dev, text("null"), number(O_PATH | O_NOFOLLOW | O_CLOEXEC), NULL)
                .save(into)
                .label("open /dev/null");
    }
}
