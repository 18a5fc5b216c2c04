package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import io.longshore.volume.VolumeRepository.Claimed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Volumes and claims. So far all volumes are anonymous: made with a claim, and removed by discarding it. The row is committed before the
 * data is made on the node and deleted after it is removed there, so that nothing on a node is without a row.
 */
@Service
class Volumes {
    private static final int MOST_CLAIMS = 1_000;

    private final VolumeRepository repository;
    private final NodeVolumes nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    Volumes(VolumeRepository repository, NodeVolumes nodes, EventOutbox outbox, TransactionTemplate transactions) {
        this.repository = repository;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    List<ClaimedVolume> claim(Caller caller, VolumeClaim claim) {
        if (claim.wanted().size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("claim of " + claim.wanted().size() + " volumes: at most " + MOST_CLAIMS);
        }
        claim.wanted().forEach(Volumes::check);
        List<Claimed> claimed = Objects.requireNonNull(transactions.execute(status -> write(caller.project(), claim)));
        claimed.forEach(one -> nodes.create(caller, one.volume()));
        return claimed.stream()
                .map(one -> new ClaimedVolume(
                        one.volume().name(),
                        one.destination(),
                        one.volume().driver(),
                        one.volume().anonymous()))
                .toList();
    }

    /** The project's volumes, by name; with {@code dangling} only those that nobody, or somebody, has claimed. */
    List<Volume> list(String project, @Nullable Boolean dangling) {
        return repository.list(project, dangling);
    }

    /** How many containers use each of the project's volumes; one that none uses is left out. */
    Map<String, Integer> users(String project) {
        return repository.users(project);
    }

    Volume find(String project, String name) {
        return repository
                .find(project, name)
                .orElseThrow(() -> new Failure.NotFound("get " + name + ": no such volume"));
    }

    private static void check(VolumeClaim.Wanted wanted) {
        if (wanted.name() != null) {
            throw new Failure.NotImplemented(
                    "volume " + wanted.name() + ": named volumes are not available in Longshore yet");
        }
        String driver = wanted.driver();
        if (driver != null && !driver.equals("local")) {
            throw new Failure.NotFound("volume driver \"" + driver + "\" not found");
        }
        if (!wanted.options().isEmpty()) {
            throw new Failure.NotImplemented(
                    "volume options " + wanted.options() + " are not available in Longshore yet");
        }
    }

    private List<Claimed> write(String project, VolumeClaim claim) {
        Map<String, Claimed> present = new HashMap<>();
        repository.claimedBy(claim.owner()).forEach(one -> present.put(one.destination(), one));
        List<Claimed> result = new ArrayList<>();
        for (VolumeClaim.Wanted wanted : claim.wanted()) {
            Claimed one = present.get(wanted.destination());
            if (one == null) {
                // The shape of a container's id is also that of an anonymous volume's name.
                String name = ContainerId.random().value();
                one = new Claimed(
                        new Volume(project, name, "local", claim.node(), true, Instant.now()), wanted.destination());
                repository.insert(one.volume());
                repository.claim(claim.owner(), one);
                outbox.append(event(one.volume(), "create"));
            }
            result.add(one);
        }
        return result;
    }

    void release(List<Owner> owners) {
        if (owners.size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("release of " + owners.size() + " owners: at most " + MOST_CLAIMS);
        }
        transactions.executeWithoutResult(status -> owners.forEach(repository::release));
    }

    void discard(Caller caller, Owner owner) {
        List<Claimed> own = repository.onlyOf(owner);
        own.forEach(one -> nodes.remove(caller, one.volume()));
        transactions.executeWithoutResult(status -> {
            repository.release(owner);
            for (Claimed one : own) {
                if (repository.delete(one.volume())) {
                    outbox.append(event(one.volume(), "destroy"));
                }
            }
        });
    }

    ClaimPage claims(@Nullable String after, int limit) {
        if (limit < 1 || limit > MOST_CLAIMS) {
            throw new Failure.Invalid("limit " + limit + " is not between 1 and " + MOST_CLAIMS);
        }
        return new ClaimPage(repository.claims(after, limit));
    }

    private static NewEvent event(Volume volume, String action) {
        return new NewEvent(volume.project(), "volume", action, volume.name(), Map.of("driver", volume.driver()));
    }
}
