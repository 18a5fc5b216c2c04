package io.longshore.container.forward;

import io.longshore.container.placement.Nodes;
import io.longshore.container.state.ContainerRow;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.agent.Port;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.client.Peer;
import io.longshore.platform.engine.LongshoreVersion;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Has the ports of a container that starts on a node where clients do not reach them answer at the entries, too: their numbers are taken there
 * first, so that two containers never have the same one and a taken one is refused before anything is started, and the container's node takes the
 * same if it can. Thread-safe.
 */
@Component
public class Forwarding {
    private static final Logger LOG = LoggerFactory.getLogger(Forwarding.class);
    /** Numbers that one entry has free and another one has not. */
    private static final int ATTEMPTS = 8;

    private final Nodes nodes;
    private final Entrances entrances;
    private final ForwardTelling telling;

    Forwarding(Nodes nodes, Entrances entrances, ForwardTelling telling) {
        this.nodes = nodes;
        this.entrances = entrances;
        this.telling = telling;
    }

    /**
     * What was taken for a start.
     *
     * @param spec what the container's node is to be told
     * @param forward what the entries were asked for
     * @param numbers what they have
     * @param entries those that have it
     */
    public record Taken(ContainerSpec spec, Forward forward, List<PublishedPort> numbers, List<Entry> entries) {
        public Taken {
            numbers = List.copyOf(numbers);
            entries = List.copyOf(entries);
        }

        private static Taken nothing(ContainerSpec spec) {
            return new Taken(spec, new Forward(spec.id(), 0, spec.name(), "", "", "", List.of()), List.of(), List.of());
        }
    }

    /**
     * From entries to a container's node.
     *
     * @param node its address
     * @param entries other nodes than that
     * @param here whether it is one itself: a port at one address then answers there, and nowhere else
     * @param older the node's agent, for messages, when that does not know of entries; else empty
     */
    private record Path(String node, List<Entry> entries, boolean here, String older) {
        private static final Path NONE = new Path("", List.of(), false, "");

        List<String> from() {
            return here
                    ? List.of()
                    : entries.stream()
                            .map(Entry::address)
                            .filter(address -> !address.isEmpty())
                            .toList();
        }
    }

    /** {@link Path#NONE} where nothing is to be forwarded: on one machine that is the rule. */
    private Path path(Caller caller, ContainerRow row) {
        if (row.resolved().network().ports().isEmpty()) {
            return Path.NONE;
        }
        List<Node> all = nodes.all(caller);
        Node own = all.stream()
                .filter(one -> one.id().equals(row.node()))
                .findFirst()
                .orElse(null);
        String address = own == null ? null : own.info().dataAddress();
        List<Entry> entries = Entry.all(all).stream()
                .filter(entry -> !entry.node().equals(row.node()))
                .toList();
        return own == null || address == null || entries.isEmpty()
                ? Path.NONE
                : new Path(
                        address,
                        entries,
                        own.info().forwards(),
                        own.info().entry() == null ? Peer.agent(own).name() : "");
    }

    /**
     * Takes ports at all entries before a start.
     *
     * @throws Failure.Conflict in Docker's words when one is taken; none is taken then
     * @throws Failure.Invalid when one is to answer at one address of an entry and no entry can be told from other machines
     * @throws Failure.NotImplemented when one is to answer at one address of an entry and the node's agent, of an earlier version, would take it
     *     for one of its own
     */
    public Taken take(Caller caller, ContainerRow row, long start) {
        ContainerSpec spec = row.resolved();
        makeWay(caller, row);
        Path path = path(caller, row);
        if (path.entries().isEmpty()) {
            return Taken.nothing(spec);
        }
        List<Port> wanted = FarPorts.wanted(spec.network());
        if (!path.here()) {
            checkAddresses(wanted, path);
        }
        String endpoint = EndpointSpec.publishing(spec.network().endpoints())
                .map(EndpointSpec::id)
                .orElse("");
        long order = FarPorts.order(row.generation(), start);
        Forward forward = new Forward(row.id(), order, row.name(), endpoint, path.node(), "", wanted);
        forward = path.here() ? FarPorts.everywhere(forward) : forward;
        if (forward.ports().isEmpty()) {
            return Taken.nothing(spec);
        }
        for (int attempt = 1; ; attempt++) {
            try {
                return take(caller, spec, forward, path);
            } catch (Differing e) {
                if (attempt == ATTEMPTS) {
                    throw e.refusal;
                }
            }
        }
    }

    private static void checkAddresses(List<Port> wanted, Path path) {
        Port special = FarPorts.atOneAddress(wanted).orElse(null);
        if (special == null) {
            return;
        }
        String entry = path.entries().getFirst().name();
        String refusal = "cannot publish port " + special.port() + "/" + special.protocol() + " at "
                + special.hostAddress() + ": that is an address of " + entry + ", and ";
        if (!path.older().isEmpty()) {
            throw new Failure.NotImplemented(refusal + path.older()
                    + " publishes at its own addresses alone: upgrade it to Longshore " + LongshoreVersion.own());
        }
        if (path.from().isEmpty()) {
            throw new Failure.Invalid(refusal + "the container's node does not know " + entry
                    + " when it forwards; set agent.data-address on " + entry);
        }
    }

    /** A number that one entry has chosen another one does not have, and it could have chosen another. */
    private static final class Differing extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final transient Failure refusal;

        Differing(Failure refusal) {
            super(refusal);
            this.refusal = refusal;
        }
    }

    private Taken take(Caller caller, ContainerSpec spec, Forward forward, Path path) {
        List<PublishedPort> numbers = List.of();
        List<Entry> have = new ArrayList<>();
        for (Entry entry : path.entries()) {
            if (!entry.ready()) {
                continue; // It is told when it is back, as one that does not answer.
            }
            boolean first = have.isEmpty();
            Forward asked = forward.ports(first ? forward.ports() : FarPorts.exactly(forward.ports(), numbers));
            try {
                List<PublishedPort> taken = take(caller, entry, asked.from(entry.address()));
                numbers = first ? taken : numbers;
                have.add(entry);
            } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
                later(forward, entry, e);
            } catch (Failure e) {
                release(have, forward);
                if (!first
                        && e instanceof Failure.Conflict
                        && FarPorts.fixed(forward.ports()).size()
                                < forward.ports().size()) {
                    throw new Differing(e);
                }
                throw e;
            }
        }
        return new Taken(FarPorts.told(spec, numbers, path.node(), path.from()), forward, numbers, have);
    }

    /** Whose container has just ended may not have been heard of there. */
    private List<PublishedPort> take(Caller caller, Entry entry, Forward forward) {
        try {
            return entrances.take(caller, entry.node(), forward);
        } catch (Failure.Conflict refused) {
            telling.refresh(entry.node());
            return entrances.take(caller, entry.node(), forward);
        }
    }

    /**
     * After the start, when the container's node did not have the numbers of the entries free and took others: these are taken there now.
     *
     * @throws Failure when they cannot be had there, of {@code Conflict} when one is not free; not when an entry is away
     */
    public void settle(Caller caller, Taken taken, Observed there) {
        boolean runs = there.status().hasProcess();
        if (!runs || taken.entries().isEmpty() || FarPorts.agree(there.ports(), taken.numbers())) {
            return;
        }
        Forward exact = FarPorts.running(taken.forward(), there.ports());
        if (exact.ports().isEmpty()) {
            release(taken);
            return;
        }
        taken.entries().forEach(entry -> settle(caller, entry, exact));
    }

    /** The container runs: an entry that has gone away meanwhile is told later, and until then it has numbers that nobody else gets. */
    private void settle(Caller caller, Entry entry, Forward exact) {
        try {
            entrances.take(caller, entry.node(), exact.from(entry.address()));
        } catch (Failure.Unavailable | Failure.DeadlineExceeded e) {
            later(exact, entry, e);
        }
    }

    private static void later(Forward forward, Entry entry, Failure why) {
        LOG.warn(
                "ports of container {} do not answer at {} until that is reached: {}",
                forward.name(),
                entry.name(),
                why.text());
    }

    /**
     * Before a start with a port of one number on an entry: what that has for containers of other nodes that have ended a moment ago is given back.
     * It takes a query and a call.
     */
    private void makeWay(Caller caller, ContainerRow row) {
        if (FarPorts.fixed(row.resolved().network().ports()).isEmpty()) {
            return;
        }
        List<Node> all = nodes.all(caller);
        if (all.size() > 1 && Entry.isOne(all, row.node()) && telling.tells(row.node())) {
            telling.refresh(row.node());
        }
    }

    /** After a start that failed. */
    public void release(Taken taken) {
        release(taken.entries(), taken.forward());
    }

    private void release(List<Entry> have, Forward forward) {
        for (Entry entry : have) {
            try {
                entrances.release(entry.node(), forward.container(), forward.start());
            } catch (Failure e) {
                LOG.info("ports of container {} stay taken for a while: {}", forward.name(), e.text());
            }
        }
    }

    /** What the node of a container that may run is to be told when its networks change: its ports stay as they are. */
    public ContainerSpec told(Caller caller, ContainerRow row, ContainerSpec spec) {
        Path path = path(caller, row);
        Observed observed = row.observed();
        return path.entries().isEmpty()
                ? spec
                : FarPorts.told(spec, observed == null ? List.of() : observed.ports(), path.node(), path.from());
    }
}
