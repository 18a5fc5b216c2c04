package io.longshore.container.lifecycle;

import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** {@code POST /containers/{id}/pause} and {@code /unpause}: frozen or thawed on the node, committed, answered. */
@Component
public class Pausing {
    private final ContainerStore store;
    private final Commands commands;
    private final Recorder recorder;

    Pausing(ContainerStore store, Commands commands, Recorder recorder) {
        this.store = store;
        this.commands = commands;
        this.recorder = recorder;
    }

    /** Freezes one that runs; {@link Failure.Conflict} in Docker's words when it does not, or is frozen. */
    public void pause(Caller caller, String reference) {
        pause(caller, reference, null);
    }

    /** As above, for a work that lasts as long as its caller may wait: also if this process dies, the container goes on after that. */
    public void pauseBriefly(Caller caller, String reference) {
        pause(caller, reference, Math.toIntExact(Math.max(1, caller.remaining().toSeconds())));
    }

    private void pause(Caller caller, String reference, @Nullable Integer seconds) {
        ContainerRow row = store.find(caller.project(), reference);
        switch (row.state()) {
            case RUNNING -> recorder.record(row, commands.pause(caller, row, true, seconds));
            case PAUSED -> throw new Failure.Conflict("Container " + row.id() + " is already paused");
            case RESTARTING ->
                throw new Failure.Conflict(
                        "Container " + row.id() + " is restarting, wait until the container is running");
            default -> throw new Failure.Conflict("Container " + row.id() + " is not running");
        }
    }

    /** Lets one that is frozen go on. */
    public void unpause(Caller caller, String reference) {
        ContainerRow row = store.find(caller.project(), reference);
        if (row.state() != ContainerState.PAUSED) {
            throw new Failure.Conflict("Container " + row.id() + " is not paused");
        }
        recorder.record(row, commands.pause(caller, row, false, null));
    }
}
