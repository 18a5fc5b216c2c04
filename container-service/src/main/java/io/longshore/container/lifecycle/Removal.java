package io.longshore.container.lifecycle;

import io.longshore.container.kernel.Signals;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.container.state.Restarts;
import io.longshore.container.state.Step;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * The end of a container: off its node, then its row and the event {@code destroy} in one commit, then its claims. A plain removal needs no
 * mark before: the agent remembers that it has removed the container until that has been seen here: one that has ended and that its node lacks was
 * being removed when both sides crashed. One that takes volumes along
 * is marked first, since the agent knows nothing of that wish.
 */
@Component
public class Removal {
    private static final Logger LOG = LoggerFactory.getLogger(Removal.class);
    /** For the end that SIGKILL brings; a process in uninterruptible sleep may take longer, and is then reported. */
    private static final int KILL_SECONDS = 10;

    private static final Duration AUTO_REMOVE = Duration.ofSeconds(60);

    private final ContainerStore store;
    private final ContainerLocks locks;
    private final LockedRows rows;
    private final Commands commands;
    private final Recorder recorder;
    private final Claims claims;
    private final Restarts restarts;
    /** Those whose end is part of a restart, once for each. */
    private final Map<ContainerId, Integer> staying = new ConcurrentHashMap<>();

    Removal(
            ContainerStore store,
            ContainerLocks locks,
            LockedRows rows,
            Commands commands,
            Recorder recorder,
            Claims claims,
            Restarts restarts) {
        this.store = store;
        this.locks = locks;
        this.rows = rows;
        this.commands = commands;
        this.recorder = recorder;
        this.claims = claims;
        this.restarts = restarts;
        recorder.onEnd(this::removeAtEnd);
    }

    /** {@code DELETE /containers/{id}}. */
    void remove(Caller caller, String reference, boolean volumesToo, boolean force) {
        try (var locked = rows.find(caller, reference)) {
            ContainerRow row = locked.row();
            if (row.state().alive()) {
                if (!force) {
                    throw running(row);
                }
                row = kill(caller, row);
                if (row == null) {
                    return;
                }
            }
            remove(caller, row, volumesToo || row.removeVolumes());
        }
    }

    /** Removes a container that does not run, with its lock held or by the loop that owns its node. */
    public void remove(Caller caller, ContainerRow row, boolean volumesToo) {
        ContainerRow current = row;
        while (true) {
            if (current.state().alive()) {
                throw running(current);
            }
            boolean discard = volumesToo && current.hasVolumes();
            if (discard && current.state() != ContainerState.REMOVING) {
                ContainerRow marked = current.removing(true);
                current = store.replace(new Step(marked, List.of())) ? marked.at(marked.version() + 1) : current;
            }
            if (!discard || current.state() == ContainerState.REMOVING) {
                // One that is on its way out has been told of as ended: nothing of it may stay.
                commands.remove(caller, current, current.state() == ContainerState.REMOVING);
                if (discard) {
                    claims.discardVolumes(caller, current.owner());
                }
                if (store.delete(current, List.of(EventDraft.of(current, "destroy")))) {
                    claims.release(caller, current.owner(), current.hasVolumes() && !discard);
                    return;
                }
            }
            ContainerRow fresh = store.byId(row.id()).orElse(null);
            if (fresh == null) {
                return;
            }
            current = fresh;
        }
    }

    /** For the loop: finishes what was begun; false when somebody is about it. */
    boolean finish(Caller caller, ContainerRow row) {
        try (var lock = locks.tryLock(row.id())) {
            if (lock != null) {
                removeEnded(caller, row);
            }
            return lock != null;
        }
    }

    private void removeEnded(Caller caller, ContainerRow row) {
        ContainerRow fresh = store.unlessRestarted(row.id()).orElse(null);
        if (fresh != null && !fresh.state().alive() && !staying.containsKey(row.id())) {
            remove(caller, fresh, fresh.removeVolumes() || fresh.autoRemove());
        }
    }

    /**
     * Until closed, the container's end does not remove it: it is being restarted. One that removes itself is for other replicas, too, which may
     * see its end before this one: in the database, for {@code atMost} should this process end.
     */
    Stay stay(ContainerRow row, Duration atMost) {
        String told = row.autoRemove() ? restarts.begin(row.id(), atMost) : null;
        staying.merge(row.id(), 1, Integer::sum);
        return new Stay(row.id(), told);
    }

    final class Stay implements AutoCloseable {
        private final ContainerId id;
        private final @Nullable String told;
        private boolean over;

        private Stay(ContainerId id, @Nullable String told) {
            this.id = id;
            this.told = told;
        }

        /** The next end is the container's own. */
        void over() {
            if (!over) {
                over = true;
                staying.computeIfPresent(id, (key, count) -> count == 1 ? null : count - 1);
            }
        }

        @Override
        public void close() {
            over();
            if (told != null) {
                restarts.end(told);
                // An end that came since has removed nothing.
                store.byId(id).filter(row -> !row.state().alive()).ifPresent(Removal.this::removeAtEnd);
            }
        }
    }

    private @Nullable ContainerRow kill(Caller caller, ContainerRow row) {
        store.tell(row, EventDraft.of(row, "kill", Map.of("signal", String.valueOf(Signals.KILL))));
        ContainerRow now = recorder.record(row, commands.signal(caller, row, Signals.KILL, KILL_SECONDS));
        if (now != null && now.state().alive()) {
            throw new Failure.Internal("Could not kill running container " + row.id() + ", cannot remove - it is still"
                    + " running " + KILL_SECONDS + " s after SIGKILL");
        }
        return now;
    }

    private void removeAtEnd(ContainerRow row) {
        if (row.autoRemove() && !staying.containsKey(row.id())) {
            Thread.ofVirtual().name("auto-remove-" + row.id().shortForm()).start(() -> {
                Caller own = Agents.own(row.project(), AUTO_REMOVE);
                try (var _ = locks.lock(own, row.id())) {
                    removeEnded(own, row);
                } catch (RuntimeException e) {
                    LOG.warn("container {} is to remove itself; tried again later: {}", row.id(), e.toString());
                }
            });
        }
    }

    private static Failure.Conflict running(ContainerRow row) {
        String name = row.state().engineName();
        return new Failure.Conflict("You cannot remove a " + name + " container " + row.id() + ". "
                + (row.state() == ContainerState.PAUSED
                        ? "Unpause and then stop the container before attempting removal or force remove"
                        : "Stop the container before attempting removal or force remove"));
    }
}
