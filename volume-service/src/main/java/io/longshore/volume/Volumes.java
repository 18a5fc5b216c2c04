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
import java.util.TreeMap;
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
    /** One does, unless a volume goes just when it was found. */
    private static final int ATTEMPTS = 3;

    private final VolumeRepository repository;
    private final VolumeRemoval removal;
    private final PluggedVolumes plugged;
    private final NodeVolumes nodes;
    private final EventOutbox outbox;
    private final TransactionTemplate transactions;

    Volumes(
            VolumeRepository repository,
            VolumeRemoval removal,
            PluggedVolumes plugged,
            NodeVolumes nodes,
            EventOutbox outbox,
            TransactionTemplate transactions) {
        this.repository = repository;
        this.removal = removal;
        this.plugged = plugged;
        this.nodes = nodes;
        this.outbox = outbox;
        this.transactions = transactions;
    }

    List<ClaimedVolume> claim(Caller caller, VolumeClaim claim) {
        if (claim.wanted().size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("claim of " + claim.wanted().size() + " volumes: at most " + MOST_CLAIMS);
        }
        claim.wanted().stream()
                .map(VolumeClaim.Wanted::name)
                .filter(Objects::nonNull)
                .forEach(VolumeNames::check);
        return claimResolved(caller, plugged.resolved(caller, claim));
    }

    private List<ClaimedVolume> claimResolved(Caller caller, VolumeClaim claim) {
        claim.wanted().forEach(wanted -> check(wanted.name(), driver(wanted.driver()), wanted.options()));
        removal.finishAbandoned(
                caller,
                claim.wanted().stream()
                        .map(VolumeClaim.Wanted::name)
                        .filter(Objects::nonNull)
                        .collect(Collectors.toSet()));
        for (VolumeClaim.Wanted wanted : claim.wanted()) {
            String name = wanted.name();
            if (name == null) {
                plugged.requireDriver(caller, claim.node(), driver(wanted.driver()));
            } else {
                plugged.make(caller, claim.node(), name, driver(wanted.driver()), wanted.options());
            }
        }
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

    /** On which nodes volumes are; one that is not there, or has no node yet, is left out. */
    Map<String, NodeId> places(String project, Set<String> names) {
        if (names.size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("places of " + names.size() + " volumes: at most " + MOST_CLAIMS);
        }
        return repository.places(project, names);
    }

    /** The project's volumes, by name; with {@code dangling} only those that nobody, or somebody, has claimed. */
    List<Volume> list(String project, @Nullable Boolean dangling) {
        return repository.list(project, dangling);
    }

    /** How many containers use each of the project's volumes; one that none uses is left out. */
    Map<String, Integer> users(String project) {
        return repository.users(project);
    }

    /** Also one that a plugin has and nobody has made here. */
    Volume find(Caller caller, String name) {
        return repository
                .find(caller.project(), name)
                .or(() -> plugged.unknown(caller, name))
                .orElseThrow(() -> new Failure.NotFound("get " + name + ": no such volume"));
    }

    /**
     * {@code POST /volumes/create}: makes a volume, or finds the one of that name.
     *
     * @param wanted its name is empty for one that gets any
     */
    Volume create(Caller caller, NewVolume wanted) {
        boolean anonymous = wanted.name().isEmpty();
        String name = anonymous ? ContainerId.random().value() : wanted.name();
        VolumeNames.check(name);
        String driver = anonymous ? driver(wanted.driver()) : plugged.driver(caller, name, wanted.driver());
        Map<String, String> options = Objects.requireNonNullElse(wanted.options(), Map.of());
        check(anonymous ? null : name, driver, options);
        removal.finishAbandoned(caller, anonymous ? Set.of() : Set.of(wanted.name()));
        NodeId node = nodes.only(caller);
        plugged.make(caller, node, name, driver, options);
        Volume fresh = new Volume(
                caller.project(),
                name,
                driver,
                node,
                anonymous,
                Instant.now(),
                anonymous ? withAnonymous(wanted.labels()) : wanted.labels(),
                wanted.options(),
                null);
        Volume made = Objects.requireNonNull(transactions.execute(status ->
                foundOrMade(caller.project(), Map.of(fresh.name(), fresh)).get(fresh.name())));
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
        String refusal = driver.equals(LOCAL) ? LocalVolumeOptions.refusal(options) : null;
        if (refusal != null) {
            throw new Failure.Invalid("create " + shown + ": " + refusal);
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

    /** Those that are wanted by name. */
    private Map<String, Volume> named(String project, VolumeClaim claim) {
        Map<String, Volume> wanted = new TreeMap<>();
        for (VolumeClaim.Wanted one : claim.wanted()) {
            String name = one.name();
            if (name != null) {
                wanted.putIfAbsent(
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
                                null));
            }
        }
        return foundOrMade(project, wanted);
    }

    /**
     * The volumes of these names, locked; what is missing is made as it stands here. First all are made and then all are locked, both in
     * the order of names, so that two who want the same ones do not wait for each other.
     *
     * @param wanted by name, in order
     */
    private Map<String, Volume> foundOrMade(String project, Map<String, Volume> wanted) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            wanted.values().forEach(this::insert);
            Map<String, Volume> found = repository.lock(project, wanted.keySet());
            found.forEach((name, volume) -> requireUsable(volume, Objects.requireNonNull(wanted.get(name))));
            if (found.size() == wanted.size()) {
                return found;
            }
            wanted.values().stream()
                    .filter(volume -> volume.isPlugged() && !found.containsKey(volume.name()))
                    .forEach(volume -> plugged.requireFree(project, volume.driver(), volume.name()));
        }
        throw new Failure.Unavailable("volumes " + String.join(", ", wanted.keySet())
                + ": one of them is made and removed again and again: try again in a moment");
    }

    private static void requireUsable(Volume known, Volume wanted) {
        if (known.removingSince() != null) {
            throw VolumeRemoval.beingRemoved(known.name());
        }
        if (!known.driver().equals(wanted.driver())) {
            throw new Failure.Conflict("create " + known.name() + ": driver '" + known.driver()
                    + "' already has volume '" + known.name() + "': volume name must be unique");
        }
    }

    private void insert(Volume volume) {
        if (repository.insert(volume)) {
            outbox.append(VolumeRemoval.event(volume, "create"));
        }
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
