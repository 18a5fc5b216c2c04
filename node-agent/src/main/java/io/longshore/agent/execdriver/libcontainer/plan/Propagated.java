package io.longshore.agent.execdriver.libcontainer.plan;

import static io.longshore.agent.linux.OpenFlags.O_CLOEXEC;
import static io.longshore.agent.linux.OpenFlags.O_RDONLY;
import static io.longshore.agent.stage.Arg.NULL;
import static io.longshore.agent.stage.Arg.number;
import static io.longshore.agent.stage.Arg.text;

import io.longshore.agent.linux.Call;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.stage.Arg;
import io.longshore.agent.stage.Op;
import io.longshore.contracts.error.Failure;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Bind mounts that mounts of the host propagate to, or from: copies that stay in the peer group of their source, or its slaves
 * (mount_namespaces(7)). They are opened before the process makes all that it sees private.
 */
final class Propagated {
    /** Each keeps one of a program's 64 slots. */
    private static final int MOST = 24;

    private static final String HOST = "/proc/1/ns/mnt";
    private static final Map<String, Integer> KINDS =
            Map.of("shared", MountFlags.MS_SHARED, "slave", MountFlags.MS_SLAVE);

    private final Set<String> ofHost;
    private final Map<String, Arg.Slot> opened = new HashMap<>();

    /** @param ofHost sources to be opened in the host's mount namespace */
    Propagated(Set<String> ofHost) {
        this.ofHost = ofHost;
    }

    /** Whether mounts propagate at all: what is private is as all others. */
    static boolean propagates(String propagation) {
        return KINDS.containsKey(kind(propagation));
    }

    private static String kind(String propagation) {
        return isRecursive(propagation) ? propagation.substring(1) : propagation;
    }

    private static boolean isRecursive(String propagation) {
        return propagation.startsWith("r");
    }

    /** What of a root file system's own propagation an OCI runtime needs to leave such mounts what they are. */
    static String ofRoot(String propagation) {
        return kind(propagation).equals("shared") ? "shared" : "rslave";
    }

    void open(Steps steps, OwnMounts.Own own) {
        String propagation = own.mount().bind().propagation();
        if (!propagates(propagation)) {
            return;
        }
        if (opened.size() == MOST) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST + " mounts with propagation other than private");
        }
        String source = own.mount().source();
        String why = "open " + source + " (" + propagation + ")";
        Arg.Slot slot = steps.program.slot("mount" + opened.size());
        Arg.Slot before = ofHost.contains(source) ? enterHost(steps, why) : null;
        steps.cloneOf(source, own.mount().bind().recursive(), slot, why);
        if (before != null) {
            steps.add(
                    Op.of(Call.SETNS, before, number(ProcessFlags.CLONE_NEWNS)).label(why), Op.of(Call.CLOSE, before));
        }
        int flag = KINDS.getOrDefault(kind(propagation), MountFlags.MS_PRIVATE);
        steps.add(Steps.setPropagation(slot, flag, isRecursive(propagation), why));
        opened.put(own.at().toString(), slot);
    }

    /** The namespace to go back to. */
    private static Arg.Slot enterHost(Steps steps, String why) {
        Arg.Slot own = steps.program.slot("own");
        steps.add(
                namespace("/proc/self/ns/mnt", own, why),
                namespace(HOST, steps.scratch(), why),
                Op.of(Call.SETNS, steps.scratch(), number(ProcessFlags.CLONE_NEWNS))
                        .label(why),
                Op.of(Call.CLOSE, steps.scratch()));
        return own;
    }

    private static Op namespace(String path, Arg.Slot into, String why) {
        return Op.of(Call.OPENAT, Arg.CWD, text(path), number(O_RDONLY | O_CLOEXEC), NULL)
                .save(into)
                .label(why);
    }

    /** What was opened for this mount; null if nothing had to be. */
    Arg.@Nullable Slot opened(OwnMounts.Own own) {
        return opened.get(own.at().toString());
    }
}
