package io.longshore.standalone;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.run.Part;
import io.longshore.platform.run.RunProperties;
import io.longshore.platform.run.ServiceAddresses;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;

/** Waits for the agent to have joined the fleet, without which a Longshore that answers could run nothing. */
final class Joining {
    private static final Duration LOOK_AGAIN = Duration.ofMillis(10);

    private Joining() {}

    /** Returns when a node is ready; a {@link StartFailure} when none is within the limit. */
    static void await(Settings settings, Duration limit) {
        Instant end = Instant.now().plus(limit);
        try (Connections connections = new Connections()) {
            FleetApi fleet = new Parts(connections)
                    .client(
                            FleetApi.class,
                            Part.FLEET.id(),
                            settings.section(ServiceAddresses.class)
                                    .of(Part.FLEET, settings.section(RunProperties.class)));
            Caller caller = new Caller("standalone", "default", end, Trace.newId());
            while (fleet.nodes(caller).stream().noneMatch(Node::ready)) {
                if (Instant.now().isAfter(end)) {
                    throw new StartFailure("cannot start: the agent has not joined the fleet within "
                            + limit.toSeconds() + " s; the log says why");
                }
                LockSupport.parkNanos(LOOK_AGAIN.toNanos());
            }
        } catch (Failure e) {
            throw new StartFailure("cannot start: fleet-service does not say which nodes there are: " + e.text(), e);
        } catch (IOException e) {
            throw new StartFailure("cannot start: connection to fleet-service: " + e.getMessage(), e);
        }
    }
}
