package io.longshore.standalone;

import io.longshore.platform.run.StartFailure;
import java.time.Duration;

/** How Longshore runs on a machine: whole, or as a node of a fleet elsewhere. Closing stops it and leaves containers alone. */
interface Form extends AutoCloseable {
    /** Starts it all; a {@link StartFailure} when something cannot start. To be closed in either case. */
    void start();

    /** Waits until a part that all others need has ended for good, and gives the reason. */
    StartFailure awaitFailure() throws InterruptedException;

    /** What a stop may take. */
    Duration stopWithin();

    @Override
    void close();
}
