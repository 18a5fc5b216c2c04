package io.longshore.agent.session;

import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Running;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.ObservedSession.Status;
import io.longshore.contracts.agent.SessionSpec;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One exec session: what it is doing. Guarded by its monitor, under which nothing waits. */
final class Session {
    private final SessionSpec spec;
    private final ChangesFeed feed;
    private final CompletableFuture<ObservedSession> end = new CompletableFuture<>();
    private ObservedSession latest;
    private boolean starting;

    Session(SessionSpec spec, ChangesFeed feed) {
        this.spec = spec;
        this.feed = feed;
        this.latest = state(Status.CREATED, 0, null, null, 0, "");
    }

    SessionSpec spec() {
        return spec;
    }

    synchronized ObservedSession latest() {
        return latest;
    }

    /** Is completed with its last state. */
    CompletableFuture<ObservedSession> end() {
        return end;
    }

    /** True for the first caller: who starts it, or takes it back. */
    synchronized boolean begin() {
        boolean first = !starting;
        starting = true;
        return first;
    }

    /** It runs, unless it has ended already. */
    synchronized ObservedSession runs(Running process) {
        starting = true;
        if (latest.status() == Status.CREATED) {
            latest = feed.publish(state(Status.RUNNING, process.pid(), process.startedAt(), null, 0, ""));
        }
        return latest;
    }

    void ended(Exit exit) {
        ended(exit.startedAt(), exit.finishedAt(), exit.code(), exit.error());
    }

    /** Its command could not be executed. */
    void failed(int code, String error) {
        ended(null, Instant.now(), code, error);
    }

    private void ended(@Nullable Instant started, Instant finished, int code, String error) {
        synchronized (this) {
            if (latest.status() == Status.EXITED) {
                return;
            }
            latest = feed.publish(state(Status.EXITED, 0, started, finished, code, error));
        }
        end.complete(latest());
    }

    private ObservedSession state(
            Status status, int pid, @Nullable Instant started, @Nullable Instant finished, int code, String error) {
        return new ObservedSession(spec.id(), spec.container(), 0, status, pid, started, finished, code, error);
    }
}
