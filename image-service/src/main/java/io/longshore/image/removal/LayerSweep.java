package io.longshore.image.removal;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.run.Sweep;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Finishes removals that were interrupted or refused, and looks now and then for layers that nobody knows of. */
@Component
class LayerSweep extends Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(LayerSweep.class);
    private static final Duration FIRST = Duration.ofSeconds(5);
    private static final Duration TURN = Duration.ofMinutes(5);
    /** Every so many turns, and at the first, the node is asked for all its layers. */
    private static final int ADOPTION = 10;

    private final LayerRemoval removal;
    /** Turns until the next adoption; the clock's thread alone counts. */
    private int untilAdoption;

    LayerSweep(LayerRemoval removal, SweepProperties properties) {
        super("layers", FIRST, properties.everyOrDefault());
        this.removal = removal;
    }

    @Override
    protected void turn() {
        Caller caller = new Caller("image-service", "default", Instant.now().plus(TURN), Trace.newId());
        adopt(caller);
        removal.collect(caller);
    }

    private void adopt(Caller caller) {
        if (untilAdoption > 0) {
            untilAdoption--;
            return;
        }
        try {
            removal.adopt(caller);
            untilAdoption = ADOPTION;
        } catch (Failure e) {
            LOG.info("the node's layers cannot be listed now: {}", e.text());
        }
    }
}
