package io.longshore.container.lifecycle;

import io.longshore.container.request.Completion;
import io.longshore.container.request.EndpointWishes;
import io.longshore.container.request.LinkWish;
import io.longshore.container.request.MountPoints;
import io.longshore.container.request.NamespaceModes;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerStore;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.springframework.stereotype.Component;

/** The containers whose namespaces a new one joins, whose mounts it takes or to which it is linked: it goes where they are. Whether they run is asked when it starts. */
@Component
class Joins {
    /** Before the name of one that is linked, which may stand for another than the same name elsewhere in the request. */
    private static final String LINK = "link to ";

    private final ContainerStore store;

    Joins(ContainerStore store) {
        this.store = store;
    }

    /**
     * By the names under which the request has them, those of links apart.
     *
     * @throws Failure.Conflict if there is no such container: for a create that is not found the docker command would pull the image
     */
    Map<String, ContainerRow> find(Caller caller, CreateRequest request) {
        Map<String, ContainerRow> found = new LinkedHashMap<>();
        Set<String> names = new LinkedHashSet<>(NamespaceModes.joined(request.hostConfig()));
        names.addAll(MountPoints.takenFrom(request));
        for (String name : names) {
            try {
                found.put(name, store.find(caller.project(), name));
            } catch (Failure.NotFound e) {
                throw new Failure.Conflict(e.text(), e);
            }
        }
        for (LinkWish link : LinkWish.of(request)) {
            found.put(LINK + link.container(), linked(caller, link.container()));
        }
        return found;
    }

    /** One that shares the network of another stands for that one. */
    private ContainerRow linked(Caller caller, String name) {
        try {
            ContainerRow row = store.find(caller.project(), name);
            ContainerId joined = row.resolved().network().joined();
            return joined == null ? row : store.find(caller.project(), joined.value());
        } catch (Failure.NotFound e) {
            throw new Failure.Invalid("could not get container for " + name + ": " + e.text(), e);
        }
    }

    /** The links of a request. */
    static List<LinkSpec> links(CreateRequest request, Map<String, ContainerRow> joined) {
        return LinkWish.of(request).stream()
                .map(link -> {
                    ContainerRow other = Objects.requireNonNull(joined.get(LINK + link.container()), "found before");
                    return link.to(other.id(), other.name(), other.config(), other.resolved());
                })
                .toList();
    }

    /** {@link Failure.Invalid} if these are on different nodes. */
    static void checkTogether(Map<String, ContainerRow> joined) {
        if (joined.isEmpty()) {
            return;
        }
        ContainerRow first = joined.values().iterator().next();
        for (ContainerRow other : joined.values()) {
            if (!other.node().equals(first.node())) {
                throw new Failure.Invalid("conflicting options: container " + first.name() + " and container "
                        + other.name() + " run on different nodes, and one container cannot join both");
            }
        }
    }

    /** The mounts of a complete request. */
    static MountPoints mounts(CreateRequest complete, Map<String, ContainerRow> joined) {
        return MountPoints.of(complete, name -> {
            ContainerRow other = Objects.requireNonNull(joined.get(name), "found before");
            return MountPoints.passedOn(other.resolved(), other.hostConfig());
        });
    }

    /** The request with the host name of the container whose network it shares: they are one host. */
    static CreateRequest named(CreateRequest request, Map<String, ContainerRow> joined) {
        ContainerRow other = joined.get(EndpointWishes.joined(request));
        String hostname = other == null ? null : other.config().hostname();
        return hostname == null ? request : Completion.named(request, hostname);
    }

    /** The request as the agent is to have it. */
    static CreateRequest resolved(CreateRequest complete, Map<String, ContainerRow> joined) {
        return NamespaceModes.resolve(
                complete,
                name -> Objects.requireNonNull(joined.get(name), "found before")
                        .id()
                        .value());
    }
}
