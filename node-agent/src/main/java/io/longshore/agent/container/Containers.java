package io.longshore.agent.container;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.ExecControls;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.ExecSessions;
import io.longshore.agent.feed.ChangesFeed;
import io.longshore.agent.link.Links;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.agent.log.ContainerLog;
import io.longshore.agent.log.LogReader;
import io.longshore.agent.state.Epochs;
import io.longshore.agent.state.StateStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.NetworkRequest;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.PauseRequest;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.agent.UpdateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The containers of this node, and the commands for them, as {@code contracts.agent.AgentApi} words them. Thread-safe: one operation at
 * a time per container, thousands of containers at once. A container that no database knows is nobody's business here: nothing is ever
 * killed or removed but by a command.
 */
public final class Containers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Containers.class);
    private static final int SIGKILL = 9;
    /** What a forced removal allows a killed process for going away; after that the driver takes it away in its own manner. */
    private static final Duration KILL_GRACE = Duration.ofSeconds(10);

    private final Map<ContainerId, Container> known = new ConcurrentHashMap<>();
    private final ChangesFeed feed;
    private final Epochs epochs;
    private final StateStore store;
    private final Drivers drivers;
    private final Starter starter;
    private final Removal removal;
    private final Links links;

    /**
     * Takes up what the disk remembers; when this returns, all of it is known again and commands may come.
     *
     * @param feed where changes are told; closed with this
     * @param etc the node's /etc
     * @param bootId names this boot of the machine
     */
    public Containers(Drivers drivers, StateStore store, Epochs epochs, ChangesFeed feed, Path etc, String bootId) {
        this.drivers = drivers;
        this.epochs = epochs;
        this.store = store;
        this.feed = feed;
        this.links = new Links(new Neighbours(known, this::relink));
        Assembly assembly = new Assembly(drivers, store, new NetworkFiles(etc), links);
        this.starter = new Starter(assembly, drivers, store, links, bootId);
        this.removal = new Removal(assembly, store);
        new Recoverer(assembly, store, starter, bootId).recover(feed).forEach(c -> known.put(c.id(), c));
    }

    /** See {@code AgentApi.apply}. */
    public Observed apply(Caller caller, ContainerId id, ApplyRequest request) {
        ContainerSpec spec = request.spec();
        if (!spec.id().equals(id)) {
            throw new Failure.Invalid("the path names container " + id + ", the specification " + spec.id());
        }
        epochs.admit(request.epoch());
        while (true) {
            Container container = known.computeIfAbsent(id, absent -> new Container(id, feed));
            Observed now = container.exclusively(
                    caller, () -> container.phase() == Phase.REMOVED ? null : apply(container, request));
            if (now != null) {
                return now;
            }
            // It was removed while this call waited for it, so the next look finds another one or none.
            known.remove(id, container);
        }
    }

    private Observed apply(Container container, ApplyRequest request) {
        ContainerSpec spec = request.spec();
        CompletableFuture<Void> flushed = CompletableFuture.completedFuture(null);
        switch (container.phase()) {
            case REMOVING ->
                throw new Failure.Conflict(
                        "container " + spec.id().shortForm() + " is being removed: remove it again to finish that");
            case CREATING -> flushed = create(container, spec);
            default -> {
                renew(container, spec);
                flushed = container.flushed() ? flushed : starter.flush(container);
            }
        }
        if (request.starts() > container.starts()) {
            container.startedByCommand(request.starts());
            return starter.start(container, request.starts(), flushed);
        }
        Starter.await(flushed);
        Observed now = container.observed();
        if (now == null) {
            throw new IllegalStateException("a created container is published");
        }
        return now;
    }

    private CompletableFuture<Void> create(Container container, ContainerSpec spec) {
        Observed tombstone = feed.tombstone(spec.id());
        try {
            if (tombstone != null && tombstone.generation() >= spec.generation()) {
                throw new Failure.Conflict("container " + spec.id().shortForm() + " has been removed in generation "
                        + tombstone.generation() + ": this command is older than that");
            }
            return starter.create(container, spec);
        } catch (RuntimeException e) {
            container.removed(false);
            container.cancelWaiting();
            known.remove(spec.id(), container);
            throw e;
        }
    }

    private void renew(Container container, ContainerSpec spec) {
        int held = container.spec().generation();
        if (spec.generation() < held) {
            throw new Failure.Conflict("container " + spec.id().shortForm() + " has generation " + held
                    + " here: this command for generation " + spec.generation() + " is older than that");
        }
        if (spec.generation() > held && container.phase().mayStart()) {
            starter.renew(container, spec);
        }
    }

    /** See {@code AgentApi.signal}. */
    public Observed signal(Caller caller, ContainerId id, SignalRequest request) {
        if (request.signal() < 1 || request.signal() > 64) {
            throw new Failure.Invalid("invalid signal " + request.signal() + ": want 1 to 64");
        }
        epochs.admit(request.epoch());
        Container container = require(id);
        Integer grace = request.graceSeconds();
        CompletableFuture<Observed> end = container.exclusively(caller, () -> {
            if (grace != null || request.signal() == SIGKILL || request.signal() == stopSignal(container)) {
                container.stoppedByCommand();
                store.stopped(id, container.starts(), container.restartsMatter());
            }
            return send(container, request.signal(), grace != null);
        });
        if (grace == null) {
            return state(container);
        }
        Duration patience = grace < 0 ? caller.remaining() : Duration.ofSeconds(grace);
        Optional<Observed> ended = await(end, earlier(patience, caller.remaining()));
        if (ended.isEmpty() && grace >= 0) {
            // Not if it has ended and been started again meanwhile: that process is not the one to be stopped.
            container.exclusively(caller, () -> end.isDone() ? end : send(container, SIGKILL, true));
            ended = await(end, caller.remaining());
        }
        return ended.orElseThrow(() -> new Failure.DeadlineExceeded("container " + id.shortForm()
                + " did not end in the time allowed for this request, after signal " + request.signal()));
    }

    private static int stopSignal(Container container) {
        ContainerSpec spec = container.specOrNull();
        return spec == null ? SIGKILL : spec.stop().signal();
    }

    /** See {@code AgentApi.pause}. */
    public Observed pause(Caller caller, ContainerId id, PauseRequest request) {
        epochs.admit(request.epoch());
        Container container = require(id);
        return container.exclusively(caller, () -> starter.pauses().change(container, request));
    }

    /** See {@code AgentApi.update}. */
    public Observed update(Caller caller, ContainerId id, UpdateRequest request) {
        epochs.admit(request.epoch());
        Container container = require(id);
        return container.exclusively(caller, () -> {
            if (!container.phase().mayUpdate()) {
                throw new Failure.Conflict("Container " + id + " is marked for removal and cannot be \"update\".");
            }
            update(container, request);
            return state(container);
        });
    }

    /** See {@code AgentApi.network}. */
    public Observed network(Caller caller, ContainerId id, NetworkRequest request) {
        epochs.admit(request.epoch());
        Container container = require(id);
        return container.exclusively(caller, () -> {
            if (!container.phase().mayUpdate()) {
                throw new Failure.Conflict("Container " + id + " is marked for removal and cannot be \"connected\".");
            }
            return starter.reconnect(container, container.spec().network(request.network()));
        });
    }

    /** See {@code AgentApi.createNetwork}. */
    public void createNetwork(NetworkSpec network) {
        drivers.networks().create(network);
    }

    /** See {@code AgentApi.removeNetwork}. */
    public void removeNetwork(String id) {
        drivers.networks().remove(id);
    }

    private void update(Container container, UpdateRequest request) {
        ContainerSpec before = container.spec();
        ContainerSpec now = before.updated(request.resources(), request.restart());
        store.renew(now);
        if (container.phase().maySignal()) {
            ExecControls controls = drivers.exec(before).controls();
            try {
                controls.limit(container.id(), before.resources(), now.resources());
            } catch (RuntimeException e) {
                store.renew(before);
                undo(controls, container, now, before);
                throw e;
            }
        }
        store.flush(container.id());
        container.updated(now);
    }

    /** What was changed before the limit that was refused. */
    private static void undo(ExecControls controls, Container container, ContainerSpec now, ContainerSpec before) {
        try {
            controls.limit(container.id(), now.resources(), before.resources());
        } catch (RuntimeException e) {
            LOG.warn("cannot take back all limits of container {} after one was refused", container.id(), e);
        }
    }

    private CompletableFuture<Observed> send(Container container, int signal, boolean mayHaveEnded) {
        try {
            if (!container.phase().maySignal()) {
                throw new Failure.Conflict("container " + container.id() + " is not running");
            }
            CompletableFuture<Observed> end = container.end();
            drivers.exec(container.spec()).signal(container.id(), signal);
            if (container.phase() == Phase.PAUSED
                    && (mayHaveEnded || signal == SIGKILL || signal == stopSignal(container))) {
                // It is to end, which the frozen do not.
                starter.pauses().thaw(container);
            }
            return end;
        } catch (Failure.Conflict | Failure.NotFound e) {
            if (mayHaveEnded && !container.phase().maySignal()) {
                return CompletableFuture.completedFuture(state(container));
            }
            if (mayHaveEnded) {
                // The process has ended, and the driver is about to say so.
                return container.end();
            }
            throw e;
        }
    }

    /** See {@code AgentApi.remove}. */
    public void remove(Caller caller, ContainerId id, RemoveRequest request) {
        epochs.admit(request.epoch());
        Container container = known.get(id);
        if (container == null) {
            return;
        }
        container.exclusively(caller, () -> {
            if (container.phase() == Phase.REMOVED) {
                return container;
            }
            if (!container.phase().mayRemove()) {
                if (!request.force()) {
                    throw new Failure.Conflict("cannot remove container " + id
                            + ": container is running: stop the container before removing or force remove");
                }
                container.stoppedByCommand();
                try {
                    await(send(container, SIGKILL, true), earlier(KILL_GRACE, caller.remaining()));
                } catch (Failure.Internal e) {
                    LOG.warn("cannot kill container {}; the removal takes its processes away", id, e);
                }
            }
            removal.remove(container);
            return container;
        });
        known.remove(id, container);
    }

    private void relink(Container container) {
        starter.relink(container);
    }

    /** See {@code AgentApi.observe}. Waits for nothing. */
    public Observed observe(ContainerId id) {
        return state(require(id));
    }

    /** See {@code AgentApi.highestEpoch}. */
    public long highestEpoch() {
        return epochs.highest();
    }

    /** See {@code AgentApi.changes}. */
    public Changes changes(@Nullable String instance, @Nullable Long since, Duration wait) {
        try {
            return feed.since(instance, since, wait);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping", e);
        }
    }

    /**
     * Attaches to what runs, or to the next start; when this returns, output can no longer be missed. What comes of
     * {@link Attachment#await} must be closed, and an attachment that nobody wants any more be {@link #detach detached}.
     */
    public Attachment attach(ContainerId id, AttachRequest request) {
        Container container = require(id);
        Attachment waiting = container.await(request);
        if (waiting != null) {
            return waiting;
        }
        Attachment attachment = new Attachment(request);
        try {
            Duplex side = drivers.exec(container.spec()).attach(id, request);
            attachment.connect(side);
        } catch (Failure.Conflict | Failure.NotFound e) {
            // It ended between the look at its state and the call: there is no more output to come.
            attachment.cancel();
        }
        return attachment;
    }

    /** The end of an attachment, whether it was connected or not. */
    public void detach(ContainerId id, Attachment attachment) {
        Container container = known.get(id);
        if (container != null) {
            container.withdraw(attachment);
        }
        attachment.cancel();
    }

    /** See {@code AgentApi.resize}. */
    public void resize(ContainerId id, int rows, int columns) {
        Container container = require(id);
        if (!container.phase().maySignal()) {
            throw new Failure.Conflict("container " + id + " is not running");
        }
        drivers.exec(container.spec()).resize(id, rows, columns);
    }

    /** Refuses a command under a lower epoch than the highest one seen; {@code CONFLICT}. */
    public void admit(long epoch) {
        epochs.admit(epoch);
    }

    /** The specification of a container in which another process may be started; {@code NOT_FOUND}, {@code CONFLICT}. */
    public ContainerSpec running(ContainerId id) {
        Container container = require(id);
        if (!container.phase().mayExec()) {
            throw new Failure.Conflict("container " + id + " is not running");
        }
        return links.told(container.spec());
    }

    /** The exec sessions of the driver that runs a container. */
    public ExecSessions sessions(ContainerSpec spec) {
        return drivers.exec(spec).sessions();
    }

    /** The exec sessions of each driver. */
    public List<ExecSessions> sessions() {
        return drivers.execs().stream().map(ExecDriver::sessions).toList();
    }

    /** The specification by which a container was made; {@code NOT_FOUND}. */
    public ContainerSpec spec(ContainerId id) {
        return require(id).spec();
    }

    /** The root of what runs, as the container sees it; see {@code ExecDriver.root}. {@code NOT_FOUND}. */
    public Optional<ContainerRoot> root(ContainerId id) {
        Container container = require(id);
        return drivers.exec(container.spec()).root(id);
    }

    /** Works while no operation on the container is going on: it does not start, nor is it removed, before the end. {@code NOT_FOUND}. */
    public <T> T undisturbed(Caller caller, ContainerId id, Supplier<T> work) {
        return require(id).exclusively(caller, () -> {
            require(id);
            return work.get();
        });
    }

    /** The log of a container; a follower of it ends when the present run has ended. {@code NOT_FOUND}. */
    public LogReader log(ContainerId id) {
        Container container = require(id);
        long start = container.starts();
        return new LogReader(
                ContainerLog.of(spec(id), store.directory(id)),
                () -> !container.phase().mayWrite() || container.starts() != start);
    }

    /**
     * Begins with what runs by itself: starts what restart policies want started, and checks the health of what runs. To be called once, when
     * what is left of exec sessions has been taken up.
     */
    public void begin() {
        for (Container container : known.values()) {
            if (container.restartsAtBegin()) {
                starter.restartAfter(container, Duration.ZERO);
            } else if (container.phase() == Phase.RUNNING) {
                starter.checks().goOn(container);
            }
        }
    }

    /** The logs whose older files are to be compressed. */
    public List<ContainerLog> compressedLogs() {
        return known.values().stream()
                .filter(container -> container.observed() != null
                        && container.phase().mayAttach()
                        && container.spec().log().compress())
                .map(container -> ContainerLog.of(container.spec(), store.directory(container.id())))
                .filter(ContainerLog::compressed)
                .toList();
    }

    /** The agent is stopping: readers of changes and clients that wait for a start are let go. The containers run on. */
    @Override
    public void close() {
        feed.close();
        known.values().forEach(Container::cancelWaiting);
    }

    private Container require(ContainerId id) {
        Container container = known.get(id);
        if (container == null || container.observed() == null || container.phase() == Phase.REMOVED) {
            throw new Failure.NotFound("No such container: " + id);
        }
        return container;
    }

    private static Observed state(Container container) {
        Observed now = container.observed();
        if (now == null) {
            throw new Failure.NotFound("No such container: " + container.id());
        }
        return now;
    }

    private static Duration earlier(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }

    private static Optional<Observed> await(CompletableFuture<Observed> end, Duration patience) {
        try {
            return Optional.of(end.get(patience.toNanos(), TimeUnit.NANOSECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Failure.Unavailable("the agent is stopping", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("an end is completed by value only", e);
        }
    }
}
