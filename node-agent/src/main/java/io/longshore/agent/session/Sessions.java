package io.longshore.agent.session;

import io.longshore.agent.container.Attachment;
import io.longshore.agent.container.Containers;
import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.execdriver.Recovery;
import io.longshore.agent.execdriver.SessionLaunch;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ObservedSession;
import io.longshore.contracts.agent.ObservedSession.Status;
import io.longshore.contracts.agent.SessionRequest;
import io.longshore.contracts.agent.SessionSpec;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ExecId;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The exec sessions of this node, and the commands for them, as {@code contracts.agent.AgentApi} words them. Those that run are found again
 * by the next life of the agent. Thread-safe.
 */
public final class Sessions {
    private static final Logger LOG = LoggerFactory.getLogger(Sessions.class);
    /** A supervisor, three descriptors and some kilobytes each: it bounds what clients that begin sessions in a loop can hold. */
    private static final int MOST = 4096;
    /** Between a session's making and its start are two calls of the same service. */
    private static final Duration START_WITHIN = Duration.ofSeconds(60);
    /** What Docker shows for a session that could not be started for another reason than the command. */
    private static final int FAILED = 126;

    private final Containers containers;
    private final SessionStore store;
    private final ChangesFeed feed;
    private final Map<ExecId, Session> known = new ConcurrentHashMap<>();
    private final Executor expiry = CompletableFuture.delayedExecutor(
            START_WITHIN.toMillis(), TimeUnit.MILLISECONDS, Thread::startVirtualThread);

    /** Takes up the sessions that an earlier life of the agent left. */
    public Sessions(Containers containers, SessionStore store, ChangesFeed feed) {
        this.containers = containers;
        this.store = store;
        this.feed = feed;
        feed.onConfirmedSession(this::forget);
        recover();
    }

    private void recover() {
        Set<ExecId> remembered = new HashSet<>();
        for (SessionSpec spec : store.load()) {
            try {
                if (recover(spec)) {
                    remembered.add(spec.id());
                }
            } catch (RuntimeException e) {
                remembered.add(spec.id());
                LOG.warn("exec session {} cannot be found again", spec.id(), e);
            }
        }
        for (ExecSessions sessions : containers.sessions()) {
            for (ExecId id : sessions.held()) {
                if (!remembered.contains(id)) {
                    LOG.info("exec session {} is nobody's any more: what is left of it is removed", id);
                    sessions.destroy(id);
                }
            }
        }
    }

    /** False when its container is gone: whatever is left of it is then nobody's. */
    private boolean recover(SessionSpec spec) {
        ContainerSpec container;
        try {
            container = containers.spec(spec.container());
        } catch (Failure.NotFound e) {
            store.remove(spec.id());
            return false;
        }
        Session session = new Session(spec, feed);
        ExecSessions driver = containers.sessions(container);
        switch (driver.recover(new SessionLaunch(container, spec), (id, exit) -> session.ended(exit))) {
            case Recovery.Alive alive -> {
                known.put(spec.id(), session);
                session.runs(alive.running());
            }
            case Recovery.Ended ended -> {
                known.put(spec.id(), session);
                session.ended(ended.exit());
            }
            case Recovery.Absent() -> store.remove(spec.id());
        }
        return true;
    }

    /** See {@code AgentApi.createSession}. */
    public ObservedSession create(ExecId id, SessionRequest request) {
        SessionSpec spec = request.spec();
        if (!spec.id().equals(id)) {
            throw new Failure.Invalid("the path names exec session " + id + ", the specification " + spec.id());
        }
        containers.admit(request.epoch());
        ContainerSpec container = containers.running(spec.container());
        if (known.size() >= MOST) {
            throw new Failure.Conflict("this node has " + MOST + " exec sessions already: end some of them first");
        }
        Session session = new Session(spec, feed);
        Session before = known.putIfAbsent(id, session);
        if (before != null) {
            return before.latest();
        }
        try {
            store.put(spec);
            containers
                    .sessions(container)
                    .create(new SessionLaunch(container, spec), (same, exit) -> session.ended(exit));
        } catch (RuntimeException e) {
            known.remove(id);
            store.remove(id);
            throw e;
        }
        expiry.execute(() -> {
            if (session.begin()) {
                LOG.info("exec session {} was not started within {} and is taken back", id, START_WITHIN);
                forget(id);
            }
        });
        return session.latest();
    }

    /** See {@code AgentApi.startSession}. */
    public ObservedSession start(ExecId id) {
        Session session = require(id);
        if (session.begin()) {
            try {
                return session.runs(driver(session).start(id));
            } catch (CommandNotExecutable e) {
                session.failed(e.exitCode(), e.text());
            } catch (Failure e) {
                session.failed(FAILED, e.text());
            } catch (RuntimeException e) {
                LOG.error("exec session {} cannot be started", id, e);
                session.failed(FAILED, e.toString());
            }
        }
        return session.latest();
    }

    /** See {@code AgentApi.observeSession}. */
    public ObservedSession observe(ExecId id, Duration wait) {
        Session session = require(id);
        try {
            return wait.isZero() ? session.latest() : session.end().get(wait.toNanos(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
            return session.latest();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end is completed by value only", e);
        }
    }

    /** See {@code AgentApi.resizeSession}. */
    public void resize(ExecId id, int rows, int columns) {
        driver(require(id)).resize(id, rows, columns);
    }

    /** Attaches to its streams. When this returns, output can no longer be missed. What has ended has nothing more to say. */
    public Attachment attach(ExecId id, AttachRequest request) {
        Session session = require(id);
        try {
            return Attachment.to(driver(session).attach(id, request));
        } catch (Failure.Conflict | Failure.NotFound e) {
            if (session.latest().status() == Status.EXITED) {
                return Attachment.toNothing();
            }
            throw e;
        }
    }

    /** What it is; {@code NOT_FOUND}. */
    public SessionSpec spec(ExecId id) {
        return require(id).spec();
    }

    /** The sessions of a container that run. */
    public List<ExecId> of(io.longshore.contracts.id.ContainerId container) {
        return known.values().stream()
                .filter(session -> session.spec().container().equals(container))
                .filter(session -> session.latest().status() == Status.RUNNING)
                .map(session -> session.spec().id())
                .toList();
    }

    /** Its end has been seen, or nobody is interested in it. */
    private void forget(ExecId id) {
        Session session = known.remove(id);
        try {
            store.remove(id);
            if (session != null) {
                driver(session).destroy(id);
            }
        } catch (RuntimeException e) {
            LOG.warn("cannot clean up after exec session {}; the next start of the agent tries again", id, e);
        }
    }

    private ExecSessions driver(Session session) {
        try {
            return containers.sessions(containers.spec(session.spec().container()));
        } catch (Failure.NotFound e) {
            // The container is gone, and its sessions' processes with it; what is left is the same driver's to remove.
            return containers.sessions().getFirst();
        }
    }

    private Session require(ExecId id) {
        Session session = known.get(id);
        if (session == null) {
            throw new Failure.NotFound("No such exec instance: " + id);
        }
        return session;
    }
}
