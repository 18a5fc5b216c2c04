package io.longshore.agent.stage.supervisor;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Nobody listens at a supervisor's socket: it has ended, or was killed. Nothing else says so; a supervisor that is stopped or busy, or an
 * agent without a free descriptor, only keeps a connection from being made now.
 */
public final class SupervisorGone extends IOException {
    SupervisorGone(Path socket, IOException cause) {
        super("nobody listens at " + socket, cause);
    }
}
