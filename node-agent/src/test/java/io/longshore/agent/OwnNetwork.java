package io.longshore.agent;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

/** Tests that make bridges, rules and switches do so in a JVM that has a network of its own (testbed/java-in-network), never in the machine's. */
public final class OwnNetwork {
    private OwnNetwork() {}

    /** Skips the test where nobody has said that the JVM's network is its own. */
    public static void assume() {
        boolean own = System.getenv("OWN_NETWORK") != null;
        assumeTrue(own, "this JVM may be in the machine's network: run it by testbed/java-in-network/bin/java");
    }
}
