package io.longshore.platform.run;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.identity.PartIdentity;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Who may ask what of a part, over the network: the table of {@code docs/architecture.md}, and what is for a node alone. Pure. */
final class Peers {
    /** By who is asked. Agents ask fleet-service, too, but only for themselves. */
    private static final Map<Part, Set<String>> CALLERS = Map.of(
            Part.ACCESS, Set.of("gateway"),
            Part.FLEET, Set.of("gateway", "container", "image", "volume", "network"),
            Part.IMAGE, Set.of("gateway", "container"),
            Part.VOLUME, Set.of("gateway", "container"),
            Part.NETWORK, Set.of("gateway", "container"),
            Part.CONTAINER, Set.of("gateway"),
            Part.AGENT, Set.of("container", "image", "volume", "network"));

    private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9/_.-]*");
    private static final String JOIN = "/internal/join";
    private static final String REVOKED = "/internal/revoked";
    private static final String NODES_ALL = "/internal/nodes";
    private static final String NODES = NODES_ALL + "/";
    private static final String SERVICES = "/internal/services/";

    private Peers() {}

    /**
     * Refuses who may not.
     *
     * @param here who is asked
     * @param peer who asks; null for one without a certificate
     * @param path as it came, not decoded
     */
    static void check(Part here, @Nullable PartIdentity peer, String method, String path) {
        boolean may = here == Part.FLEET
                ? askFleet(peer, method, path)
                : peer instanceof PartIdentity.Service service && calls(service, here);
        if (!may) {
            String asked = method + " " + path + " of " + here.id();
            if (peer == null) {
                throw new Failure.Unauthenticated(
                        "a certificate of this fleet is needed for " + asked + ": join the fleet first");
            }
            throw new Failure.Forbidden(peer.uri() + " may not ask " + asked);
        }
    }

    /** fleet-service's paths are plain, so that what is asked is what the path says, letter by letter. */
    private static boolean askFleet(@Nullable PartIdentity peer, String method, String path) {
        if (!PLAIN.matcher(path).matches() || path.contains("//") || path.contains("..")) {
            return false;
        }
        boolean known = method.equals("GET") && path.equals(REVOKED);
        return switch (peer) {
            case null -> method.equals("POST") && path.equals(JOIN);
            case PartIdentity.Node node -> known || isBelow(NODES + node.id(), path);
            case PartIdentity.Service service ->
                known || isBelow(SERVICES + service.name(), path) || asksForAll(service, method, path);
        };
    }

    private static boolean calls(PartIdentity.Service service, Part here) {
        return CALLERS.getOrDefault(here, Set.of()).contains(service.name());
    }

    /** The gateway asks for clients; other services only list nodes. */
    private static boolean asksForAll(PartIdentity.Service service, String method, String path) {
        return service.name().equals(Part.GATEWAY.id())
                ? !isOfOne(path)
                : calls(service, Part.FLEET) && method.equals("GET") && path.equals(NODES_ALL);
    }

    /** What a part alone may say of itself. */
    private static boolean isOfOne(String path) {
        return path.startsWith(NODES) || path.startsWith(SERVICES) || path.equals(JOIN);
    }

    private static boolean isBelow(String own, String path) {
        return path.equals(own) || path.startsWith(own + "/");
    }
}
