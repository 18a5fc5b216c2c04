package io.longshore.agent.container;

import io.longshore.agent.execdriver.CommandNotExecutable;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.ExitListener;
import io.longshore.agent.link.Links;
import io.longshore.agent.state.Outcome;
import io.longshore.agent.state.Starts;
import io.longshore.agent.state.StateStore;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes containers and starts them, and takes in their end. Each step is on disk before it can be seen. */
final class Starter {
    private static final Logger LOG = LoggerFactory.getLogger(Starter.class);
    /** What Docker shows for a start that failed for another reason than the command. */
    private static final int FAILED = 128;
    /** After a restart of the machine all start at once, and who is linked to another needs that one to run. As long as Docker waits. */
    private static final Duration LINKS_WITHIN = Duration.ofSeconds(5);

    /** Plugins begin when they do, too. As long as Docker waits for one. */
    private static final Duration VOLUMES_WITHIN = Duration.ofSeconds(30);

    private final Assembly assembly;
    private final Drivers drivers;
    private final StateStore store;
    private final String bootId;
    private final HealthChecks checks;
    private final Pauses pauses;
    /** Starts by restart policies at the same time: the first one after a restart of the machine has all of them to make. */
    private final Semaphore places = new Semaphore(16);

    private final Links links;

    Starter(Assembly assembly, Drivers drivers, StateStore store, Links links, String bootId) {
        this.links = links;
        this.checks = new HealthChecks(drivers, store, links);
        this.pauses = new Pauses(drivers, store, checks);
        this.assembly = assembly;
        this.drivers = drivers;
        this.store = store;
        this.bootId = bootId;
    }

    /**
     * Makes a container that is not there yet; nothing is left of it when that fails. To be awaited before that is answered or its process
     * runs: the flush of the disk, which takes as long as the rest.
     */
    CompletableFuture<Void> create(Container container, ContainerSpec spec) {
        store.create(spec);
        CompletableFuture<Void> flushed = flush(container);
        try {
            make(spec);
        } catch (RuntimeException e) {
            settled(flushed);
            forget(spec.id());
            throw e;
        }
        container.created(spec, 0, null);
        return flushed;
    }

    /** Makes what a new container has before its first start, or leaves nothing. What was made before is taken as it is. */
    void make(ContainerSpec spec) {
        try (Undo undo = new Undo()) {
            undo.onFailure(() -> assembly.removeRoot(spec.id()));
            assembly.create(spec);
            store.made(spec.id());
            undo.done();
        }
    }

    /** Flushes what the disk knows of a container; until that is done, another operation has it to do first. */
    CompletableFuture<Void> flush(Container container) {
        container.flushed(false);
        return later(() -> {
            store.flush(container.id());
            container.flushed(true);
        });
    }

    private static CompletableFuture<Void> later(Runnable work) {
        return CompletableFuture.runAsync(work, Thread::startVirtualThread);
    }

    /** Waits until it is over, one way or the other. */
    private static void settled(CompletableFuture<Void> work) {
        var _ = work.handle((nothing, problem) -> true).join();
    }

    private void forget(ContainerId id) {
        try {
            store.forget(id);
        } catch (RuntimeException e) {
            LOG.warn(
                    "cannot forget container {} after its create failed; the next start of the agent tries again",
                    id,
                    e);
        }
    }

    /** Gives a container that does not run a newer specification for its next start. */
    void renew(Container container, ContainerSpec spec) {
        store.renew(spec);
        store.flush(spec.id());
        assembly.create(spec);
        container.created(spec, container.starts(), container.outcome());
    }

    /** Makes start {@code number} when all before it is {@code flushed}, or leaves the container as it was. */
    Observed start(Container container, long number, CompletableFuture<Void> flushed) {
        ContainerSpec spec = container.spec();
        if (!container.phase().mayStart()) {
            throw new Failure.Conflict("container " + spec.id().shortForm() + " runs since its start "
                    + container.starts() + ": start " + number + " is possible after its end");
        }
        if (container.held()) {
            Outcome unsettled = container.outcome();
            if (unsettled != null) {
                // This start came before the end of the one before was written down, and the driver's record goes now.
                store.outcome(spec.id(), unsettled);
            }
            release(container);
        }
        long before = container.starts();
        Outcome earlier = container.outcome();
        // Two flushes of the disk, while the kernel makes mounts and namespaces. The process is let go only after them:
        // what an agent that dies before finds at the gate was never started.
        CompletableFuture<Void> written = flushed.thenRunAsync(
                () -> store.starts(spec.id(), new Starts(number, bootId, container.commanded())),
                Thread::startVirtualThread);
        container.starting(number, checks.first(spec));
        try {
            Assembly.Started started = assembly.start(spec, listener(container, number), () -> {
                await(written);
                connect(container, spec);
            });
            Observed now = container.runs(started.running(), started.published());
            checks.begin(container, started.running().startedAt());
            links.started(spec.id());
            return now;
        } catch (RuntimeException e) {
            settled(written);
            undo(container, before, failure(number, e, earlier));
            throw e;
        }
    }

    static void await(CompletableFuture<Void> written) {
        try {
            written.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof Failure failure ? failure : e;
        }
    }

    private void connect(Container container, ContainerSpec spec) {
        for (Attachment attachment : container.open()) {
            try {
                attachment.connect(drivers.exec(spec).attach(spec.id(), attachment.request()));
            } catch (RuntimeException e) {
                LOG.warn("cannot attach a client to container {}", spec.id(), e);
                attachment.cancel();
            }
        }
    }

    private void undo(Container container, long before, Outcome why) {
        try {
            // In this order: the outcome of a start that is not counted any more is never mistaken for the end of one
            // that is.
            store.starts(container.id(), new Starts(before, bootId, container.commanded()));
            store.outcome(container.id(), why);
        } catch (RuntimeException e) {
            LOG.warn("cannot write down that start {} of container {} failed", why.start(), container.id(), e);
        }
        container.failed(before, why);
        container.cancelWaiting();
    }

    private static Outcome failure(long number, RuntimeException reason, @Nullable Outcome earlier) {
        int code = reason instanceof CommandNotExecutable command ? command.exitCode() : FAILED;
        String text = reason instanceof Failure failure ? failure.text() : reason.toString();
        return new Outcome(
                number,
                false,
                code,
                false,
                earlier == null ? null : earlier.startedAt(),
                earlier == null ? null : earlier.finishedAt(),
                text);
    }

    /** Who takes in the end of this start. */
    ExitListener<ContainerId> listener(Container container, long number) {
        return (id, exit) -> {
            Outcome outcome = outcome(number, exit);
            // First of all it is told. If the agent dies before it is on disk here, the driver still has it.
            Duration pause = container.ended(outcome);
            checks.end(container);
            container.exclusively(() -> {
                boolean over = container.phase() == Phase.EXITED || container.phase() == Phase.RESTARTING;
                if (over && container.starts() == number && container.held()) {
                    settle(container, outcome);
                }
                return container;
            });
            if (pause != null) {
                restartAfter(container, pause);
            }
        };
    }

    /** Starts a container again that waits for that, unless a command stops or removes it meanwhile. */
    void restartAfter(Container container, Duration pause) {
        long before = container.starts();
        Thread.ofVirtual().name("restart-" + container.id().shortForm()).start(() -> {
            try {
                Thread.sleep(pause);
                links.await(container.spec(), LINKS_WITHIN);
                assembly.awaitVolumes(container.spec(), VOLUMES_WITHIN);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            container.exclusively(() -> {
                if (container.phase() == Phase.RESTARTING && container.starts() == before) {
                    restart(container, before + 1);
                }
                return container;
            });
        });
    }

    /** With the container's lock: who waits for that has no place, which others may need. */
    private void restart(Container container, long number) {
        places.acquireUninterruptibly();
        try {
            start(container, number, CompletableFuture.completedFuture(null));
        } catch (RuntimeException e) {
            LOG.warn("container {} cannot be started again by its restart policy, and stays ended", container.id(), e);
        } finally {
            places.release();
        }
    }

    /** Those that this container is linked to may have other addresses: it is told when nothing else is done with it. */
    void relink(Container container) {
        Thread.ofVirtual()
                .name("relink-" + container.id().shortForm())
                .start(() -> container.exclusively(() -> {
                    if (container.phase().maySignal()) {
                        assembly.relink(container.spec());
                    }
                    return container;
                }));
    }

    /** Gives a container other networks, at once if it runs; if that fails, all is as it was, or the failure has what could not be undone. */
    Observed reconnect(Container container, ContainerSpec wanted) {
        ContainerSpec before = container.spec();
        boolean changes = container.phase().maySignal() && !wanted.network().equals(before.network());
        store.renew(wanted);
        CompletableFuture<Void> flushed = flush(container); // While the kernel works.
        try {
            List<PublishedPort> published = changes ? assembly.reconnect(before, wanted) : List.of();
            await(flushed);
            return container.reconnected(wanted, published);
        } catch (RuntimeException e) {
            settled(flushed);
            if (changes) {
                takeBack(wanted, before, e);
            }
            store.renew(before);
            settled(flush(container));
            throw e;
        }
    }

    private void takeBack(ContainerSpec wanted, ContainerSpec before, RuntimeException reason) {
        try {
            assembly.reconnect(wanted, before);
        } catch (RuntimeException left) {
            reason.addSuppressed(left);
        }
    }

    /** What freezes containers of this node. */
    Pauses pauses() {
        return pauses;
    }

    /** The health checks of this node. */
    HealthChecks checks() {
        return checks;
    }

    static Outcome outcome(long number, Exit exit) {
        return new Outcome(
                number, true, exit.code(), exit.oomKilled(), exit.startedAt(), exit.finishedAt(), exit.error());
    }

    /** Writes an end down, then lets go of what the container held. Whatever fails is tried again by the next operation. */
    void settle(Container container, Outcome outcome) {
        try {
            store.outcome(container.id(), outcome);
            release(container);
        } catch (RuntimeException e) {
            LOG.warn(
                    "cannot clean up after the end of container {}; its next start or removal tries again",
                    container.id(),
                    e);
        }
    }

    /** Gives back what a container held, or leaves that to its next start or removal. */
    void tidy(Container container) {
        try {
            release(container);
        } catch (RuntimeException e) {
            LOG.warn("cannot clean up after container {}; its next start or removal tries again", container.id(), e);
        }
    }

    /** Gives back what a container held while it ran. */
    void release(Container container) {
        assembly.release(container.spec());
        container.released();
    }
}
