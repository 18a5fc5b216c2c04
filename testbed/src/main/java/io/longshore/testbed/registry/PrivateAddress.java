package io.longshore.testbed.registry;

import io.longshore.testbed.process.Program;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An address that is no loopback's, on the loopback device of a network namespace: registries on 127.0.0.0/8 may do without TLS, those
 * here may not. It goes with the namespace.
 */
public final class PrivateAddress {
    private PrivateAddress() {}

    /**
     * Gives the namespace one, the same each time: 10.0.0.0/8 with this process's id in it, so that two runs on a machine have two.
     *
     * @param neighbour a process in the namespace; null for this one
     */
    public static String in(@Nullable ProcessHandle neighbour) {
        long pid = ProcessHandle.current().pid();
        String address = "10." + (64 + (pid >> 16 & 63)) + "." + (pid >> 8 & 255) + "." + (pid & 255);
        List<String> command = new ArrayList<>(network(neighbour));
        command.addAll(List.of("ip", "address", "replace", address + "/32", "dev", "lo"));
        Program.run(command).ok();
        return address;
    }

    /** What a command begins with that runs in the network namespace of a process. */
    static List<String> network(@Nullable ProcessHandle neighbour) {
        return neighbour == null ? List.of() : List.of("nsenter", "--net=/proc/" + neighbour.pid() + "/ns/net");
    }
}
