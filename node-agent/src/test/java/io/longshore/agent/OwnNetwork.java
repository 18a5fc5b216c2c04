package io.longshore.agent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Tests that make bridges, rules and switches do so in a JVM that has a network of its own (testbed/java-in-network), never in the machine's. */
public final class OwnNetwork {
    private OwnNetwork() {}

    /** Skips the test where the JVM is in the machine's network. */
    public static void assume() throws IOException {
        boolean own = !Files.readSymbolicLink(Path.of("/proc/self/ns/net"))
                .equals(Files.readSymbolicLink(Path.of("/proc/1/ns/net")));
        assumeTrue(own, "this JVM is in the machine's network: run it by testbed/java-in-network/bin/java");
    }
}
