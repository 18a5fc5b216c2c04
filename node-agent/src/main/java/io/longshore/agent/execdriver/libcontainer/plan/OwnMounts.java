package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.MountFlags.MOUNT_ATTR_RDONLY;
import static io.longshore.agent.linux.OpenFlags.AT_EMPTY_PATH;
import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_CREAT;
import static io.longshore.agent.linux.OpenFlags.O_DIRECTORY;
import static io.longshore.agent.linux.OpenFlags.O_EXCL;
import static io.longshore.agent.linux.OpenFlags.O_NOFOLLOW;
import static io.longshore.agent.linux.OpenFlags.O_PATH;
import static io.longshore.agent.linux.OpenFlags.O_WRONLY;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.Errno;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.error.Failure;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The mounts that a container asks for, and the files that it gets from the agent. */
final class OwnMounts {
    static final List<String> NETWORK_FILES = List.of("resolv.conf", "hostname", "hosts");
    /** linux/stat.h: struct statx with its field stx_mode, and the mask for that. */
    private static final int STATX_BYTES = 256;

    private static final int STATX_MODE_AT = 28;
    private static final int STATX_MODE = 2;
    private static final int TMPFS_MODE = 01777;
    /** Each takes some tens of calls of a program's 4096. */
    private static final int MOST = 200;

    record Own(Mount mount, InsidePath at) {}

    private final Launch launch;
    private final LaunchFacts.Sources sources;
    private final Propagated propagated;
    private final List<Own> mounts = new ArrayList<>();
    private final Set<String> destinations = new HashSet<>();

    OwnMounts(Launch launch, LaunchFacts.Sources sources) {
        this.launch = launch;
        this.sources = sources;
        this.propagated = new Propagated(sources.ofHost());
        List<Mount> wanted = launch.spec().mounts();
        if (wanted.size() > MOST) {
            throw new Failure.Invalid("a container can have at most " + MOST + " mounts, not " + wanted.size());
        }
        for (Mount mount : wanted) {
            InsidePath at = InsidePath.parse("mount destination", mount.destination());
            if (at.isRoot()) {
                throw new Failure.Invalid("invalid mount config: destination can't be '/'");
            }
            if (at.isWithin("/proc")) {
                throw new Failure.Invalid("\"" + at + "\" cannot be mounted because it is inside /proc");
            }
            mounts.add(new Own(mount, at));
            destinations.add(at.toString());
        }
    }

    /** Where something of the container's own is mounted. */
    Set<String> destinations() {
        return Set.copyOf(destinations);
    }

    /** In the order in which they are to be mounted. */
    List<Own> all() {
        return List.copyOf(mounts);
    }

    /** The host path of a volume or a bind mount. */
    String source(Own own) {
        if (own.mount().kind() == Mount.Kind.VOLUME) {
            String source = launch.volumes().get(own.mount().destination());
            if (source == null) {
                throw new Failure.Internal(
                        "volume " + own.mount().source() + " for " + own.at() + " has not been mounted on the node");
            }
            return source;
        }
        String source = own.mount().source();
        if (!source.startsWith("/")) {
            throw new Failure.Invalid("invalid mount config for type \"bind\": invalid mount path: '"
                    + source.substring(0, Math.min(100, source.length())) + "' mount path must be absolute");
        }
        return source;
    }

    /** Opens what has to be opened while mounts still are what they are on the node: before all are made private. */
    void open(Steps steps) {
        for (Own own : mounts) {
            if (own.mount().kind() == Mount.Kind.BIND) {
                propagated.open(steps, own);
            }
        }
    }

    /** The source of a mount as {@link LaunchFacts.Sources} has it: with the part of the volume that is mounted. */
    String path(Own own) {
        String subpath = own.mount().volume().subpath();
        return subpath.isEmpty() ? source(own) : source(own) + "/" + subpath;
    }

    boolean isFile(Own own) {
        return sources.files().contains(path(own));
    }

    void add(Steps steps) {
        Arg.Slot mode = steps.program.slot("mode");
        for (Own own : mounts) {
            if (own.mount().kind() == Mount.Kind.TMPFS) {
                tmpfs(steps, own, mode);
            } else {
                attach(steps, own, copy(steps, own));
            }
        }
        for (String file : NETWORK_FILES) {
            InsidePath at = InsidePath.parse("file", "/etc/" + file);
            if (!destinations.contains(at.toString())) {
                dropDangling(steps, at);
                file(steps, launch.directory() + "/" + file, at);
            }
        }
        marker(steps);
    }

    private static void tmpfs(Steps steps, Own own, Arg.Slot mode) {
        String why = "mount tmpfs on " + own.at();
        var options = TmpfsOptions.parse(
                own.at().toString(), own.mount().readOnly(), own.mount().options());
        boolean ownMode = options.settings().containsKey("mode");
        if (!ownMode) {
            readMode(steps, own.at(), mode, why);
        }
        steps.openOrCreate(own.at(), true, steps.target(), why);
        Arg.Slot mount = steps.fileSystem("tmpfs", options.settings(), options.attributes());
        if (!ownMode) {
            steps.add(Op.of(Call.FCHMODAT, mount, text("."), mode).label(why));
        }
        steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount), Op.of(Call.CLOSE, steps.target()));
    }

    /** As runc: the mode of the directory that it hides, and tmpfs's own where there is none. */
    private static void readMode(Steps steps, InsidePath at, Arg.Slot into, String why) {
        byte[] status = new byte[STATX_BYTES];
        ByteBuffer.wrap(status).order(ByteOrder.nativeOrder()).putShort(STATX_MODE_AT, (short) TMPFS_MODE);
        Arg.Block block = Arg.bytes(status);
        Arg.Slot directory = steps.target();
        steps.add(
                steps.open(at.toString(), O_PATH | O_DIRECTORY, directory, why)
                        .tolerate(Errno.ENOENT)
                        .skipOnError(2),
                Op.of(Call.STATX, directory, text(""), number(AT_EMPTY_PATH), number(STATX_MODE), block)
                        .label(why),
                Op.of(Call.CLOSE, directory),
                Op.load(block, STATX_MODE_AT, 2).save(into).label(why));
    }

    /** A copy of what is to be mounted, attached nowhere. */
    private Arg.Slot copy(Steps steps, Own own) {
        String why = "mount " + path(own) + " on " + own.at();
        if (own.mount().kind() == Mount.Kind.VOLUME) {
            String subpath = own.mount().volume().subpath();
            return subpath.isEmpty()
                    ? steps.cloneOf(source(own), true, why)
                    : steps.cloneBelow(source(own), subpath, why);
        }
        Arg.Slot opened = propagated.opened(own);
        return opened != null
                ? opened
                : steps.cloneOf(source(own), own.mount().bind().recursive(), why);
    }

    /** Whether an OCI runtime cannot make it from its source: it resolves a path by itself, and mounts have become private by then. */
    private static boolean isStaged(Own own) {
        return !own.mount().volume().subpath().isEmpty()
                || (own.mount().kind() == Mount.Kind.BIND
                        && Propagated.propagates(own.mount().bind().propagation()));
    }

    /** Where an OCI runtime finds what it is to mount. */
    String source(Own own, OciFiles files) {
        return isStaged(own) ? files.mounts() + "/" + mounts.indexOf(own) : source(own);
    }

    /** What is to be there for {@link #stage}: by path, whether it is a directory. */
    Map<String, Boolean> staged(OciFiles files) {
        Map<String, Boolean> staged = new LinkedHashMap<>();
        mounts.stream().filter(OwnMounts::isStaged).forEach(own -> staged.put(source(own, files), !isFile(own)));
        return staged;
    }

    /** Mounts in the agent's own files, seen by the runtime only, what it cannot make from its source. */
    void stage(Steps steps, OciFiles files) {
        for (Own own : mounts) {
            if (isStaged(own)) {
                Arg.Slot mount = copy(steps, own);
                steps.add(
                        Steps.moveInto(mount, Arg.CWD, source(own, files), "mount " + path(own) + " on " + own.at()),
                        Op.of(Call.CLOSE, mount));
            }
        }
    }

    private void attach(Steps steps, Own own, Arg.Slot mount) {
        String why = "mount " + path(own) + " on " + own.at();
        if (own.mount().readOnly()) {
            boolean below = own.mount().kind() == Mount.Kind.VOLUME
                    || own.mount().bind().readOnlyBelow();
            steps.add(Steps.setAttributes(mount, MOUNT_ATTR_RDONLY, below, why));
        }
        dropDangling(steps, own.at());
        steps.openOrCreate(own.at(), !isFile(own), steps.target(), why);
        steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount), Op.of(Call.CLOSE, steps.target()));
    }

    /** One of the agent's own. As Docker does: with a root that cannot be written to, neither can it. */
    private void file(Steps steps, String source, InsidePath at) {
        String why = "mount " + source + " on " + at;
        Arg.Slot mount = steps.cloneOf(source, true, why);
        if (launch.spec().readOnlyRoot()) {
            steps.add(Steps.setAttributes(mount, MOUNT_ATTR_RDONLY, true, why));
        }
        steps.openOrCreate(at, false, steps.target(), why);
        steps.add(Steps.move(mount, steps.target(), why), Op.of(Call.CLOSE, mount), Op.of(Call.CLOSE, steps.target()));
    }

    /** A symlink of the image that leads nowhere, as resolv.conf often does, gives way to what is mounted: Docker mounts there all the same. */
    private static void dropDangling(Steps steps, InsidePath at) {
        String why = "make room for " + at;
        Arg.Slot file = steps.target();
        steps.add(
                steps.open(at.toString(), O_PATH, file, why)
                        .tolerate(Errno.ENOENT)
                        .skipOnSuccess(2),
                steps.open(at.prefix(at.names().size() - 1), O_PATH, file, why)
                        .tolerate(Errno.ENOENT)
                        .skipOnError(1),
                Op.of(Call.UNLINKAT, file, text(at.names().getLast()), number(0))
                        .tolerate(Errno.ENOENT)
                        .label(why));
    }

    /** By which programs tell that they are in a container. */
    static void marker(Steps steps) {
        int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
        steps.add(
                Op.of(Call.OPENAT, steps.root, text(".dockerenv"), number(flags), number(0755))
                        .save(steps.scratch())
                        .tolerate(Errno.EEXIST, Errno.EROFS)
                        .skipOnError(1)
                        .label("make /.dockerenv"),
                Op.of(Call.CLOSE, steps.scratch()));
    }
}
