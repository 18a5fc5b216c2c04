package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * The end of volumes. A row is marked first, so that nobody claims what is about to lose its data, then the data is removed on the node,
 * then the row is deleted: nothing on a node is without a row. What a crash leaves marked, the next one who wants the name finishes, or the
 * sweep.
 */
@Component
class VolumeRemoval {
    /** For one volume's data on its node. */
    static final Duration LIMIT = Duration.ofMinutes(2);

    /** Of one sweep; the next one goes on. */
    private static final int SWEPT_AT_ONCE = 100;

    private static final Logger LOG = LoggerFactory.getLogger(VolumeRemoval.class);

    private final VolumeRepository repository;
    private final NodeVolumes nodes;
    private final PluggedVolumes plugged;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;
    /** After this nobody is about it any more. */
    private final Duration abandoned;

    VolumeRemoval(
            VolumeRepository repository,
            NodeVolumes nodes,
            PluggedVolumes plugged,
            EventOutbox outbox,
            TransactionTemplate transactions,
            VolumeSweepProperties properties) {
        this.abandoned = properties.leaveForOrDefault();
        this.repository = repository;
        this.nodes = nodes;
        this.plugged = plugged;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    /** {@code DELETE /volumes/{name}}; with {@code force} one that is not there is no failure. */
    void remove(Caller caller, String name, boolean force) {
        Optional<Volume> marked = Objects.requireNonNull(transactions.execute(status -> mark(caller, name)));
        if (marked.isPresent()) {
            takeAway(caller, marked.get(), repository::unmark);
            return;
        }
        // One that a plugin has and nobody made here becomes ours for as long as its removal takes.
        Optional<Volume> adopted = plugged.unknown(caller, name)
                .flatMap(volume -> Objects.requireNonNull(transactions.execute(status -> {
                    repository.insert(volume);
                    return mark(caller, name);
                })));
        if (adopted.isPresent()) {
            takeAway(caller, adopted.get(), repository::delete);
        } else if (!force) {
            throw new Failure.NotFound("get " + name + ": no such volume");
        }
    }

    private Optional<Volume> mark(Caller caller, String name) {
        Volume volume = repository.lock(caller.project(), List.of(name)).get(name);
        if (volume == null) {
            return Optional.empty();
        }
        refuseIfBeingRemoved(volume);
        List<String> users = repository.containers(volume, null);
        if (!users.isEmpty()) {
            throw new Failure.Conflict("remove " + name + ": volume is in use - [" + String.join(", ", users) + "]");
        }
        return Optional.of(repository.mark(volume));
    }

    /**
     * Removes a marked volume's data and row.
     *
     * @param back for the row of one that cannot be removed. One that was not removed in time keeps its mark: its node may still be about it
     */
    private void takeAway(Caller caller, Volume volume, Consumer<Volume> back) {
        try {
            nodes.remove(caller.within(LIMIT), volume);
        } catch (Failure.DeadlineExceeded e) {
            throw e;
        } catch (Failure e) {
            transactions.executeWithoutResult(status -> back.accept(volume));
            throw e;
        }
        transactions.executeWithoutResult(status -> delete(volume));
    }

    private void delete(Volume volume) {
        if (repository.delete(volume)) {
            outbox.append(event(volume, "destroy"));
        }
    }

    /** Releases the owner's claims, and removes those of its volumes that are anonymous and nobody else's. */
    void discard(Caller caller, Owner owner) {
        List<Volume> own = Objects.requireNonNull(transactions.execute(status -> markOnlyOf(caller, owner)));
        own.forEach(volume -> discard(caller, volume));
        transactions.executeWithoutResult(status -> {
            repository.release(owner);
            own.forEach(this::delete);
        });
    }

    /** As in Docker, a container goes though the plugin of its volumes is there no more. */
    private void discard(Caller caller, Volume volume) {
        try {
            nodes.remove(caller.within(LIMIT), volume);
        } catch (Failure.NotFound e) {
            if (!volume.isPlugged()) {
                throw e;
            }
            LOG.warn("volume {} is forgotten, and its plugin may still have it: {}", volume.name(), e.text());
        }
    }

    private List<Volume> markOnlyOf(Caller caller, Owner owner) {
        List<Volume> own = new ArrayList<>();
        for (Volume volume :
                repository.lock(caller.project(), repository.anonymousOf(owner)).values()) {
            if (repository.containers(volume, owner).isEmpty()) {
                own.add(repository.mark(volume));
            }
        }
        return own;
    }

    /**
     * For who wants these names: what was being removed when a service or node died is removed first. {@code Conflict} while somebody is
     * about to remove one. What fails stays marked, since a part of it may have gone.
     */
    void finishAbandoned(Caller caller, Collection<String> names) {
        repository.marked(caller.project(), names).forEach(name -> finishAbandoned(caller, name));
    }

    /** Whether there was anything to finish. */
    private boolean finishAbandoned(Caller caller, String name) {
        Optional<Volume> taken = Objects.requireNonNull(transactions.execute(status -> takeOver(caller, name)));
        taken.ifPresent(volume -> takeAway(caller, volume, marked -> {}));
        return taken.isPresent();
    }

    /** One takes an abandoned removal over with a mark of its own; empty when another has finished it or will. */
    private Optional<Volume> takeOver(Caller caller, String name) {
        Volume volume = repository.lock(caller.project(), List.of(name)).get(name);
        if (volume == null || volume.removingSince() == null) {
            return Optional.empty();
        }
        refuseIfBeingRemoved(volume);
        return repository.containers(volume, null).isEmpty() ? Optional.of(repository.mark(volume)) : Optional.empty();
    }

    /**
     * Finishes what was abandoned in any project.
     *
     * @param caller for a project
     */
    void sweep(Function<String, Caller> caller) {
        for (Volume volume : repository.markedBefore(Instant.now().minus(abandoned), SWEPT_AT_ONCE)) {
            try {
                if (finishAbandoned(caller.apply(volume.project()), volume.name())) {
                    LOG.info("the removal of volume {} was cut off and is finished", volume.name());
                }
            } catch (Failure e) {
                LOG.info("volume {} is half removed, and its removal goes on later: {}", volume.name(), e.text());
            } catch (RuntimeException e) {
                LOG.warn("volume {} is half removed, and its removal goes on later", volume.name(), e);
            }
        }
    }

    private void refuseIfBeingRemoved(Volume volume) {
        Instant since = volume.removingSince();
        if (since != null && Instant.now().isBefore(since.plus(abandoned))) {
            throw beingRemoved(volume.name());
        }
    }

    static Failure.Conflict beingRemoved(String name) {
        return new Failure.Conflict("volume " + name + " is being removed: try again in a moment");
    }

    static NewEvent event(Volume volume, String action) {
        return new NewEvent(volume.project(), "volume", action, volume.name(), Map.of("driver", volume.driver()));
    }
}
