package io.longshore.container.lifecycle;

import io.longshore.container.name.ContainerName;
import io.longshore.container.name.Crowding;
import io.longshore.container.name.RandomNames;
import io.longshore.container.request.Completion;
import io.longshore.container.request.CreateBody;
import io.longshore.container.request.EndpointWishes;
import io.longshore.container.request.MountPoints;
import io.longshore.container.request.RequestCheck;
import io.longshore.container.request.SpecBuilder;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.container.state.NodeFull;
import io.longshore.container.state.Reserving;
import io.longshore.container.state.Step;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeClaim;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * {@code POST /containers/create}. The image is claimed first, as its configuration says what else is needed. A container without volumes
 * is then written complete, in one commit: until then it exists nowhere but in claims, which the sweep releases after a crash. One with
 * volumes is written half made before they are, since these lie on a node and must be found again.
 */
@Component
class Creation {
    private static final int FIRST_GENERATION = 1;
    /** Random names to try before giving up: the later ones have numbers, so that a full project finds one. */
    private static final int NAME_ATTEMPTS = 8;

    /** How often a node may be chosen anew because what lies on nodes was settled elsewhere meanwhile. */
    private static final int MOST_SETTLINGS = 3;

    /** Half of what the sweep leaves a claim without a row alone. */
    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Some gigabytes from a registry of the fleet's own. */
    private static final Duration BRING = Duration.ofMinutes(15);

    private final Joins joins;
    private final Placing placing;
    private final Claims claims;
    private final BindSources sources;
    private final ContainerStore store;
    private final Crowding crowding = new Crowding();

    Creation(Joins joins, Placing placing, Claims claims, BindSources sources, ContainerStore store) {
        this.joins = joins;
        this.placing = placing;
        this.claims = claims;
        this.sources = sources;
        this.store = store;
    }

    /** A new container, and what its maker should be told. */
    record Created(ContainerId id, List<String> warnings) {}

    /** Where the container is to be: decided before anything is claimed that lies on a node. */
    private record Plan(
            Owner owner,
            @Nullable String name,
            Node node,
            Reserving reserving,
            CreateRequest request,
            Map<String, ContainerRow> joined) {}

    Created create(Caller client, @Nullable String name, @Nullable String platform, byte[] body) {
        for (int attempt = 1; ; attempt++) {
            try {
                return attempt(client, name, platform, body);
            } catch (Failure.Conflict e) {
                // A network or volume that is used for the first time may just have been settled on another node.
                if (!(e.getCause() instanceof Claims.Elsewhere)
                        || attempt == MOST_SETTLINGS
                        || !placing.isChoice(client.within(LIMIT))) {
                    throw e;
                }
            }
        }
    }

    private Created attempt(Caller client, @Nullable String name, @Nullable String platform, byte[] body) {
        Caller caller = client.within(LIMIT);
        String wanted = name == null || name.isEmpty()
                ? null
                : ContainerName.parse(name).value();
        CreateRequest request = CreateBody.parse(body);
        RequestCheck.check(request);
        Owner owner = new Owner(ContainerId.random(), FIRST_GENERATION);
        Map<String, ContainerRow> joined = joins.find(caller, request);
        Joins.checkTogether(joined);
        String reference = Objects.requireNonNull(request.config().image(), "a checked request has an image");
        ClaimedImage image = claims.image(caller, owner, reference);
        try {
            RequestCheck.checkPlatform(platform, reference, image);
            Placing.Search search = placing.search(caller, request, joined, image);
            return placed(
                    client,
                    caller,
                    search,
                    image,
                    (now, node) -> new Plan(owner, wanted, node, search.on(now, node), request, joined));
        } catch (Failure e) {
            claims.release(client.within(LIMIT), owner, false);
            throw e;
        }
        // Whatever else goes wrong may have left a row, of which the claims are part; if it has not, the sweep finds
        // them.
    }

    /**
     * On the first node that has what is to be reserved when the row is written.
     *
     * @param claimed the caller since whose time the image is claimed
     */
    private Created placed(
            Caller client,
            Caller claimed,
            Placing.Search search,
            ClaimedImage image,
            BiFunction<Caller, Node, Plan> plans) {
        Caller caller = claimed;
        for (int attempt = 1; ; attempt++) {
            Plan plan = plans.apply(caller, search.next(caller));
            if (search.lacksImage(plan.node())) {
                caller = bring(client, plan, image);
            }
            try {
                return finish(caller, plan, image);
            } catch (NodeFull e) {
                claims.leave(caller, plan.owner());
                search.refused(plan.node().id(), e);
                if (attempt == Placing.MOST_ATTEMPTS) {
                    throw new Failure.Unavailable(
                            "no suitable node: each of " + attempt + " was taken by others meanwhile; try again", e);
                }
            }
        }
    }

    /** This may take longer than a claim without a row is left alone: it is claimed again, by its id, whatever the name leads to by then. */
    private Caller bring(Caller client, Plan plan, ClaimedImage image) {
        claims.place(client.within(BRING), plan.owner(), plan.node().id());
        Caller caller = client.within(LIMIT);
        claims.image(caller, plan.owner(), image.id().value());
        return caller;
    }

    private Created finish(Caller caller, Plan plan, ClaimedImage image) {
        Owner owner = plan.owner();
        CreateRequest complete =
                Completion.complete(Joins.named(plan.request(), plan.joined()), owner.container(), image, plan.node());
        List<String> warnings = RequestCheck.warnings(plan.request(), plan.node());
        MountPoints mounts = Joins.mounts(complete, plan.joined());
        RequestCheck.checkComplete(complete, plan.node());
        sources.check(caller, plan.node().id(), mounts);
        List<EndpointWishes.Wish> wishes = EndpointWishes.of(complete);
        List<VolumeClaim.Wanted> wanted = mounts.volumes();
        if (wanted.isEmpty()) {
            List<ClaimedEndpoint> endpoints =
                    claims.endpoints(caller, owner, plan.node().id(), wishes);
            insert(caller, plan, complete, image, row -> {
                SpecBuilder.Claims held = new SpecBuilder.Claims(image, endpoints, mounts.resolved(List.of()));
                return row.resolvedAs(spec(row, plan, complete, held));
            });
            return new Created(owner.container(), warnings);
        }
        ContainerRow row = insert(caller, plan, complete, image, half -> half);
        try {
            List<ClaimedVolume> volumes =
                    claims.volumes(caller, owner, plan.node().id(), wanted);
            List<ClaimedEndpoint> endpoints =
                    claims.endpoints(caller, owner, plan.node().id(), wishes);
            SpecBuilder.Claims held = new SpecBuilder.Claims(image, endpoints, mounts.resolved(volumes));
            ContainerRow whole = row.resolvedAs(spec(row, plan, complete, held));
            if (!store.resolve(new Step(whole, List.of(EventDraft.of(whole, "create"))))) {
                throw new Failure.Unavailable(
                        "container " + owner.container() + " took too long to create and was undone");
            }
        } catch (RuntimeException e) {
            try {
                undo(caller, row);
            } catch (RuntimeException left) {
                // The reconcile loop finds the row, and goes on.
                e.addSuppressed(left);
            }
            throw e;
        }
        return new Created(owner.container(), warnings);
    }

    /**
     * Undoes a create that has left a half-made row, unless it has been completed after all: the next version of the row makes sure that
     * it no longer can be. Volumes go before the row, since without it nobody would find them.
     */
    void undo(Caller caller, ContainerRow row) {
        if (store.replace(new Step(row, List.of()))) {
            claims.discardVolumes(caller, row.owner());
            claims.release(caller, row.owner(), false);
            store.delete(row.at(row.version() + 1), List.of());
        }
    }

    private interface Shape {
        ContainerRow of(ContainerRow half);
    }

    private ContainerRow insert(Caller caller, Plan plan, CreateRequest complete, ClaimedImage image, Shape shape) {
        int first = plan.name() == null ? crowding.firstAttempt(caller.project()) : 0;
        for (int attempt = first; ; attempt++) {
            String name = plan.name() == null ? RandomNames.next(ThreadLocalRandom.current(), attempt) : plan.name();
            ContainerRow half = new ContainerRow(
                    plan.owner().container(),
                    caller.project(),
                    name,
                    FIRST_GENERATION,
                    1,
                    ContainerState.CREATING,
                    plan.node().id(),
                    image.id(),
                    Instant.now().truncatedTo(ChronoUnit.MICROS),
                    false,
                    complete,
                    null,
                    null,
                    0,
                    0);
            ContainerRow row = shape.of(half);
            try {
                boolean whole = row.state() == ContainerState.CREATED;
                store.insert(
                        row,
                        plan.reserving(),
                        whole ? List.of(EventDraft.of(row, "create")) : List.of(),
                        caller.remaining());
                return row;
            } catch (Failure.Conflict e) {
                if (plan.name() != null || attempt == first + NAME_ATTEMPTS) {
                    throw e;
                }
                crowding.taken(caller.project(), attempt);
            }
        }
    }

    private static ContainerSpec spec(ContainerRow row, Plan plan, CreateRequest complete, SpecBuilder.Claims held) {
        var identity = new SpecBuilder.Identity(row.owner(), row.name(), row.project());
        ContainerSpec spec = SpecBuilder.build(identity, Joins.resolved(complete, plan.joined()), held);
        return spec.network(spec.network().links(Joins.links(complete, plan.joined())));
    }
}
