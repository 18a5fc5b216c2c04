package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LocalVolumeOptions;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.platform.data.EventOutbox;
import io.longshore.volume.VolumeRepository.Claimed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Volumes and claims. The row is committed before the data is made on the node and deleted after it is removed there
 * ({@link VolumeRemoval}), so that nothing on a node is without a row.
 */
@Service
class Volumes {
    static final String LOCAL = "local";

    private static final int MOST_CLAIMS = 1_000;
    /** Once for one that is missing, and again when somebody else made it just then; more only if it goes again at once. */
    private static final int ATTEMPTS = 3;

    private final VolumeRepository repository;
    private final VolumeRemoval removal;
    private final NodeVolumes nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    Volumes(
            VolumeRepository repository,
            VolumeRemoval removal,
            NodeVolumes nodes,
            EventOutbox outbox,
            TransactionTemplate transactions) {
        this.repository = repository;
        this.removal = removal;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    List<ClaimedVolume> claim(Caller caller, VolumeClaim claim) {
        if (claim.wanted().size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("claim of " + claim.wanted().size() + " volumes: at most " + MOST_CLAIMS);
        }
        claim.wanted().forEach(wanted -> check(wanted.name(), driver(wanted.driver()), wanted.options()));
        finishRemovals(
                caller,
                claim.wanted().stream()
                        .map(VolumeClaim.Wanted::name)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()));
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

    /**
     * {@code POST /volumes/create}: makes a volume, or finds the one of that name.
     *
     * @param wanted its name is empty for one that gets any
     */
    Volume create(Caller caller, NewVolume wanted) {
        boolean anonymous = wanted.name().isEmpty();
        String driver = driver(wanted.driver());
        Map<String, String> options = Objects.requireNonNullElse(wanted.options(), Map.of());
        check(anonymous ? null : wanted.name(), driver, options);
        finishRemovals(caller, anonymous ? Set.of() : Set.of(wanted.name()));
        Volume fresh = new Volume(
                caller.project(),
                anonymous ? ContainerId.random().value() : wanted.name(),
                driver,
                nodes.only(caller),
                anonymous,
                Instant.now(),
                anonymous ? withAnonymous(wanted.labels()) : wanted.labels(),
                wanted.options(),
                null);
        Volume made = Objects.requireNonNull(
                transactions.execute(status -> find(caller.project(), Set.of(fresh.name()), fresh)));
        if (made.node() != null) {
            nodes.create(caller, made);
        }
        return made;
    }

    private static Map<String, String> withAnonymous(@Nullable Map<String, String> labels) {
        Map<String, String> all = new HashMap<>(labels == null ? Map.of() : labels);
        all.put(Volume.ANONYMOUS, "");
        return all;
    }

    private static String driver(@Nullable String asked) {
        return asked == null || asked.isEmpty() ? LOCAL : asked;
    }

    private static void check(@Nullable String name, String driver, Map<String, String> options) {
        String shown = name == null ? "volume" : name;
        if (name != null) {
            VolumeNames.check(name);
        }
        if (!driver.equals(LOCAL)) {
            throw new Failure.NotFound("create " + shown + ": error looking up volume plugin " + driver + ": plugin \""
                    + driver + "\" not found");
        }
        String refusal = LocalVolumeOptions.refusal(options);
        if (refusal != null) {
            throw new Failure.Invalid("create " + shown + ": " + refusal);
        }
    }

    /** What was being removed when a service or node died is removed before its name is used again. */
    private void finishRemovals(Caller caller, Set<String> names) {
        for (String name : names) {
            Volume volume = repository.find(caller.project(), name).orElse(null);
            if (volume != null && volume.removingSince() != null) {
                VolumeRemoval.refuseIfBeingRemoved(volume);
                removal.finish(caller, volume);
            }
        }
    }

    private List<Claimed> write(String project, VolumeClaim claim) {
        Map<String, Claimed> present = new HashMap<>();
        repository.claimedBy(claim.owner()).forEach(one -> present.put(one.destination(), one));
        Map<String, Volume> named = named(project, claim);
        List<Claimed> result = new ArrayList<>();
        for (VolumeClaim.Wanted wanted : claim.wanted()) {
            Claimed one = present.get(wanted.destination());
            if (one == null) {
                String name = wanted.name();
                Volume volume = name == null
                        ? anonymous(project, claim.node(), wanted)
                        : place(Objects.requireNonNull(named.get(name)), claim.node());
                one = new Claimed(volume, wanted.destination(), name != null && !wanted.inherited());
                repository.claim(claim.owner(), one);
            }
            result.add(one);
        }
        return result;
    }

    private Volume anonymous(String project, NodeId node, VolumeClaim.Wanted wanted) {
        // The shape of a container's id is also that of an anonymous volume's name.
        Volume volume = new Volume(
                project,
                ContainerId.random().value(),
                driver(wanted.driver()),
                node,
                true,
                Instant.now(),
                withAnonymous(wanted.labels()),
                nullIfEmpty(wanted.options()),
                null);
        insert(volume);
        return volume;
    }

    /** Those that are wanted by name, made if they are missing, and locked. */
    private Map<String, Volume> named(String project, VolumeClaim claim) {
        Map<String, VolumeClaim.Wanted> wanted = new HashMap<>();
        claim.wanted().forEach(one -> {
            if (one.name() != null) {
                wanted.putIfAbsent(one.name(), one);
            }
        });
        Set<String> names = new TreeSet<>(wanted.keySet());
        Map<String, Volume> found = new HashMap<>();
        wanted.forEach((name, one) -> found.put(
                name,
                new Volume(
                        project,
                        name,
                        driver(one.driver()),
                        claim.node(),
                        false,
                        Instant.now(),
                        nullIfEmpty(one.labels()),
                        nullIfEmpty(one.options()),
                        null)));
        names.forEach(name -> found.put(name, find(project, names, Objects.requireNonNull(found.get(name)))));
        return found;
    }

    /** The volume of that name, made like this one if it is missing, and locked together with those of the other names. */
    private Volume find(String project, Set<String> names, Volume fresh) {
        for (int attempt = 1; ; attempt++) {
            Volume known = repository.lock(project, names).get(fresh.name());
            if (known != null) {
                if (known.removingSince() != null) {
                    throw new Failure.Conflict("volume " + known.name() + " is being removed: try again in a moment");
                }
                if (!known.driver().equals(fresh.driver())) {
                    throw new Failure.Conflict("create " + known.name() + ": driver '" + known.driver()
                            + "' already has volume '" + known.name() + "': volume name must be unique");
                }
                return known;
            }
            if (insert(fresh)) {
                return fresh;
            }
            if (attempt == ATTEMPTS) {
                throw new Failure.Unavailable("volume " + fresh.name() + " comes and goes: try again in a moment");
            }
        }
    }

    private boolean insert(Volume volume) {
        boolean inserted = repository.insert(volume);
        if (inserted) {
            outbox.append(VolumeRemoval.event(volume, "create"));
        }
        return inserted;
    }

    private Volume place(Volume volume, NodeId node) {
        if (volume.node() == null) {
            repository.place(volume, node);
            return volume.on(node);
        }
        if (!volume.node().equals(node)) {
            throw new Failure.Conflict("volume " + volume.name() + " is on node " + volume.node()
                    + " and the container on node " + node + ": a local volume cannot leave its node");
        }
        return volume;
    }

    private static @Nullable Map<String, String> nullIfEmpty(Map<String, String> pairs) {
        return pairs.isEmpty() ? null : pairs;
    }

    void release(List<Owner> owners) {
        if (owners.size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("release of " + owners.size() + " owners: at most " + MOST_CLAIMS);
        }
        transactions.executeWithoutResult(status -> owners.forEach(repository::release));
    }

    ClaimPage claims(@Nullable String after, int limit) {
        if (limit < 1 || limit > MOST_CLAIMS) {
            throw new Failure.Invalid("limit " + limit + " is not between 1 and " + MOST_CLAIMS);
        }
        return new ClaimPage(repository.claims(after, limit));
    }
}
