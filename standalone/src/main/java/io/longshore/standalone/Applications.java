package io.longshore.standalone;

import io.longshore.platform.run.Part;
import java.util.List;
import java.util.stream.Stream;

/** The application class of each part. */
final class Applications {
    private static final List<String> SERVICES = List.of(
            "io.longshore.container.ContainerServiceApplication",
            "io.longshore.image.ImageServiceApplication",
            "io.longshore.agent.NodeAgentApplication",
            "io.longshore.network.NetworkServiceApplication",
            "io.longshore.volume.VolumeServiceApplication",
            "io.longshore.fleet.FleetServiceApplication",
            "io.longshore.access.AccessServiceApplication");

    private static final String GATEWAY = "io.longshore.gateway.GatewayApplication";

    /** The parts that have a schema, and so a role in the database. */
    static final List<Part> WITH_SCHEMA =
            List.of(Part.ACCESS, Part.FLEET, Part.IMAGE, Part.CONTAINER, Part.VOLUME, Part.NETWORK);

    private Applications() {}

    /** Those that are started together, the slowest first. */
    static List<Class<?>> services() {
        return SERVICES.stream().<Class<?>>map(Applications::load).toList();
    }

    /** Started when all others answer, so that no client meets half a Longshore. */
    static Class<?> gateway() {
        return load(GATEWAY);
    }

    /** Whether this build has all parts. */
    static boolean complete() {
        return Stream.concat(SERVICES.stream(), Stream.of(GATEWAY))
                .allMatch(name -> Applications.class.getResource("/" + name.replace('.', '/') + ".class") != null);
    }

    private static Class<?> load(String name) {
        try {
            return Class.forName(name);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the class path lacks " + name, e);
        }
    }
}
