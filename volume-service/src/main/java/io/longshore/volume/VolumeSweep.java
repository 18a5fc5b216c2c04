package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.platform.run.Sweep;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import org.springframework.stereotype.Component;

/** Finishes now and then the removals that a crash has cut off: nobody may want those names again. */
@Component
class VolumeSweep extends Sweep {
    private static final Duration FIRST = Duration.ofSeconds(10);
    /** For each volume's data on its node and some more. */
    private static final Duration TURN = Duration.ofMinutes(5);

    private final VolumeRemoval removal;

    VolumeSweep(VolumeRemoval removal, VolumeSweepProperties properties) {
        super("volumes", FIRST, properties.everyOrDefault());
        this.removal = removal;
    }

    @Override
    protected void turn() {
        removal.sweep(
                project -> new Caller("volume-service", project, Instant.now().plus(TURN), Trace.newId()));
    }
}
