package io.longshore.standalone;

import io.longshore.access.AccessServiceApplication;
import io.longshore.agent.NodeAgentApplication;
import io.longshore.container.ContainerServiceApplication;
import io.longshore.fleet.FleetServiceApplication;
import io.longshore.gateway.GatewayApplication;
import io.longshore.image.ImageServiceApplication;
import io.longshore.network.NetworkServiceApplication;
import io.longshore.platform.run.Part;
import io.longshore.volume.VolumeServiceApplication;
import java.util.List;

/** The application class of each part. */
final class Applications {
    /** Those that are started together, the slowest first. */
    static final List<Class<?>> SERVICES = List.of(
            ContainerServiceApplication.class,
            ImageServiceApplication.class,
            NodeAgentApplication.class,
            NetworkServiceApplication.class,
            VolumeServiceApplication.class,
            FleetServiceApplication.class,
            AccessServiceApplication.class);

    /** Started when all others answer, so that no client meets half a Longshore. */
    static final Class<?> GATEWAY = GatewayApplication.class;

    /** The parts that have a schema, and so a role in the database. */
    static final List<Part> WITH_SCHEMA =
            List.of(Part.ACCESS, Part.FLEET, Part.IMAGE, Part.CONTAINER, Part.VOLUME, Part.NETWORK);

    private Applications() {}
}
