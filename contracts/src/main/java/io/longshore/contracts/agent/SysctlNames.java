package io.longshore.contracts.agent;

import io.longshore.contracts.agent.ContainerSpec.Namespace;
import io.longshore.contracts.agent.ContainerSpec.Namespaces;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which kernel parameters (sysctl(8)) a container may have values of its own for: those that belong to a namespace of its own.
 * What a create takes, the agent takes too, and it asks again: it writes them as root of the node.
 */
public final class SysctlNames {
    private static final int LONGEST = 200;
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9_-]+(\\.[A-Za-z0-9_-]+)+");
    private static final Set<String> IPC = Set.of(
            "kernel.msgmax",
            "kernel.msgmnb",
            "kernel.msgmni",
            "kernel.sem",
            "kernel.shmall",
            "kernel.shmmax",
            "kernel.shmmni",
            "kernel.shm_rmid_forced");

    private SysctlNames() {}

    /** Why a container in these namespaces cannot have the parameter, in the words of Docker's runtime; null if it can. */
    public static @Nullable String refusal(String name, boolean hostNetwork, Namespaces namespaces) {
        String shown = "sysctl \"" + name.substring(0, Math.min(name.length(), LONGEST)) + "\" ";
        if (name.length() > LONGEST || !FORM.matcher(name).matches()) {
            return shown + "is not a name of letters, digits, _ and - with dots between";
        }
        if (IPC.contains(name) || name.startsWith("fs.mqueue.")) {
            return isHost(namespaces.ipc()) ? shown + "is not allowed in the hosts ipc namespace" : null;
        }
        if (name.startsWith("net.")) {
            return hostNetwork ? shown + "not allowed in host network namespace" : null;
        }
        if (name.equals("kernel.hostname")) {
            return shown + "is not allowed as it conflicts with the OCI \"hostname\" field";
        }
        if (name.equals("kernel.domainname") && !isHost(namespaces.uts())) {
            return null;
        }
        return shown + "is not in a separate kernel namespace";
    }

    private static boolean isHost(Namespace namespace) {
        return namespace.from() == Namespace.From.HOST;
    }

    /** Where its value is, below /proc/sys. */
    public static String path(String name) {
        return name.replace('.', '/');
    }
}
