package io.longshore.network;

import io.longshore.contracts.Caller;
import io.longshore.network.address.NetworkProperties;
import io.longshore.platform.run.Sweep;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Finishes now and then what was cut off between the database and the nodes. */
@Component
class NetworkSweep extends Sweep {
    private static final Duration FIRST = Duration.ofSeconds(10);
    private static final Duration TURN = Duration.ofMinutes(1);

    private final Networks networks;
    private final Duration leaveFor;

    NetworkSweep(Networks networks, NetworkProperties properties) {
        super("networks", FIRST, properties.sweepOrDefault().everyOrDefault());
        this.networks = networks;
        this.leaveFor = properties.sweepOrDefault().leaveForOrDefault();
    }

    @Override
    protected void turn() {
        networks.sweep(new Caller("network-service", "default", Instant.now().plus(TURN), Trace.newId()), leaveFor);
    }
}
