package io.longshore.agent.container;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been made so far, to be undone in reverse unless all of it succeeded. For one thread. */
final class Undo implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Undo.class);

    private final Deque<Runnable> steps = new ArrayDeque<>();

    /** Remembers how to undo what comes next. Steps must bear being called for something that was never made. */
    void onFailure(Runnable step) {
        steps.push(step);
    }

    /** All of it succeeded: there is nothing to undo. */
    void done() {
        steps.clear();
    }

    /** Undoes everything; a step that fails does not keep the others from being tried. */
    @Override
    public void close() {
        while (!steps.isEmpty()) {
            try {
                steps.pop().run();
            } catch (RuntimeException e) {
                LOG.warn("cannot undo a step of a start that failed; the next start or the removal tries again", e);
            }
        }
    }
}
