package io.longshore.container.drain;

import io.longshore.container.lifecycle.Commands;
import io.longshore.container.request.PlacementOptions;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ClaimedImage;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.stereotype.Component;

/** What a container has that its move would lose: asked before anything is reserved, and again of its row as it is when it is to leave. */
@Component
class Loss {
    private final Commands commands;

    Loss(Commands commands) {
        this.commands = commands;
    }

    /** The container's own labels: an image's are nobody's wishes. */
    static Map<String, String> labels(ContainerRow row, ClaimedImage image) {
        Map<String, String> own = new LinkedHashMap<>(row.labels());
        Map<String, String> ofImage = image.config().labels();
        if (ofImage != null) {
            own.entrySet().removeAll(ofImage.entrySet());
        }
        return own;
    }

    /**
     * {@link Failure.Conflict} says what would be lost.
     *
     * @param row as it is now
     * @param labels the container's own
     */
    void refuse(Caller caller, ContainerRow row, Map<String, String> labels) {
        if (row.state() == ContainerState.PAUSED) {
            throw new Failure.Conflict(Mobility.PAUSED);
        }
        if (Mobility.mayLose(row, labels)) {
            throw new Failure.Conflict(
                    Mobility.mayLose(row, row.labels())
                            ? Mobility.WRITTEN
                            : "label " + PlacementOptions.MOVE + " is its image's, and not its own");
        }
        if (Mobility.mayHoldCopies(row, labels) && isKnown(caller, row)) {
            throw new Failure.Conflict(Mobility.COPIED);
        }
    }

    private boolean isKnown(Caller caller, ContainerRow row) {
        try {
            commands.observe(caller, row);
            return true;
        } catch (Failure.NotFound e) {
            return false;
        }
    }
}
