package io.longshore.network;

import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.network.ClaimedNetwork;
import io.longshore.contracts.network.NetworkClaim;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Service;

/** The networks of projects. So far each project has the predefined two, {@code host} and {@code none}. Thread-safe. */
@Service
class Networks {
    /** Name and driver of the predefined networks. */
    private static final Map<String, String> PREDEFINED = Map.of("host", "host", "none", "null");

    private static final int MOST_CLAIMS = 1_000;

    private final NetworkRepository repository;
    private final EndpointJournal journal;
    private final Map<String, List<Network>> byProject = new ConcurrentHashMap<>();

    Networks(NetworkRepository repository, EndpointJournal journal) {
        this.repository = repository;
        this.journal = journal;
    }

    /** The project's networks, by name. */
    List<Network> list(String project) {
        return byProject.computeIfAbsent(project, this::predefined);
    }

    private List<Network> predefined(String project) {
        return PREDEFINED.entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> repository.ensure(new Network(
                        hash(project + "/" + entry.getKey()),
                        project,
                        entry.getKey(),
                        entry.getValue(),
                        Instant.now())))
                .toList();
    }

    /** By full id, name, or the only one whose id begins so. */
    Network find(String project, String reference) {
        List<Network> all = list(project);
        for (Network network : all) {
            if (network.id().equals(reference) || network.name().equals(reference)) {
                return network;
            }
        }
        List<Network> matching = all.stream()
                .filter(network -> network.id().startsWith(reference))
                .toList();
        if (reference.isEmpty() || matching.isEmpty()) {
            throw new Failure.NotFound("network " + reference + " not found");
        }
        if (matching.size() > 1) {
            throw new Failure.Invalid("network " + reference + " is ambiguous (" + matching.size() + " matches found"
                    + " based on ID prefix)");
        }
        return matching.getFirst();
    }

    ClaimedNetwork claim(String project, NetworkClaim claim) {
        Network network = find(project, claim.network());
        Owner owner = claim.owner();
        String endpoint = hash(network.id() + "/" + owner.container() + "/" + owner.generation());
        journal.claim(new Endpoint(owner, endpoint, network, claim.node(), Instant.now()));
        return new ClaimedNetwork(network.id(), network.name(), network.driver(), endpoint);
    }

    void release(List<Owner> owners) {
        if (owners.size() > MOST_CLAIMS) {
            throw new Failure.TooLarge("release of " + owners.size() + " owners: at most " + MOST_CLAIMS);
        }
        journal.release(owners);
    }

    ClaimPage claims(@Nullable String after, int limit) {
        if (limit < 1 || limit > MOST_CLAIMS) {
            throw new Failure.Invalid("limit " + limit + " is not between 1 and " + MOST_CLAIMS);
        }
        journal.flush();
        return new ClaimPage(repository.claims(after, limit));
    }

    private static String hash(String text) {
        return Digest.of(text.getBytes(StandardCharsets.UTF_8)).hex();
    }
}
