package io.longshore.agent.dns;

import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is served, for tests elsewhere. */
public final class KnownNames {
    private KnownNames() {}

    /** Null if the network knows no such name. */
    public static @Nullable List<InetAddress> addresses(NetworkNames names, String network, String name) {
        return names.addresses(network, name);
    }

    /** Null if nobody has it. */
    public static @Nullable String name(NetworkNames names, String network, String address) {
        return names.name(network, InetAddress.ofLiteral(address));
    }
}
