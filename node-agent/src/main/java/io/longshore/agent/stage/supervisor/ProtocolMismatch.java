package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.nio.file.Path;

/** A supervisor that another version of Longshore started speaks another version of the protocol; trying again does not help. */
public final class ProtocolMismatch extends IOException {
    ProtocolMismatch(Path socket, int theirs, int ours, int error) {
        super("the supervisor at " + socket + " speaks version " + theirs + " of the protocol and this agent version "
                + ours + " (error " + error + "): end its container with the Longshore that started it");
    }
}
