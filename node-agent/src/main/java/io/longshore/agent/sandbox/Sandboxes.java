package io.longshore.agent.sandbox;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.netlink.Cidr;
import io.longshore.agent.linux.netlink.Message;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.agent.linux.netlink.Routes;
import io.longshore.agent.networkdriver.Endpoint;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriver.Place;
import io.longshore.agent.networkdriver.Peer;
import io.longshore.agent.networkdriver.PeerNetworks;
import io.longshore.agent.networkdriver.PortForwarding;
import io.longshore.agent.networkdriver.Publication;
import io.longshore.agent.networkdriver.Sandbox;
import io.longshore.agent.sandbox.SandboxRecord.Interface;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.Forward;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.agent.Observed.PublishedPort;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * The sandboxes of this node: makes and fills them by the drivers of their networks, and knows them again after a crash of the agent. What is
 * to be made is written down first. Thread-safe; one operation at a time per container is the caller's job.
 */
public final class Sandboxes implements PortForwarding, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Sandboxes.class);
    /** Some system calls, each of which may wait for others' in the kernel. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final NetworkDrivers drivers;
    private final Namespaces namespaces;
    private final SandboxFiles files;
    private final NativePool pool;
    private final Map<ContainerId, SandboxRecord> records;
    private final Map<ContainerId, Namespaces.Opened> open = new ConcurrentHashMap<>();

    /**
     * Takes up what an earlier life of the agent has written down.
     *
     * @param directory for what is written down, on a file system that does not outlive the machine
     */
    public Sandboxes(NetworkDrivers drivers, Namespaces namespaces, Path directory, JsonMapper json, NativePool pool)
            throws IOException {
        this.drivers = drivers;
        this.namespaces = namespaces;
        this.pool = pool;
        this.files = new SandboxFiles(directory, json);
        this.records = new ConcurrentHashMap<>(files.load());
    }

    /** A container's network, made: where it is, and what is published of it. */
    public record Joined(Sandbox sandbox, List<PublishedPort> published) {}

    /** Refuses a specification that asks for what is not there; {@code Invalid}, {@code Conflict}. */
    public void check(ContainerSpec spec) {
        place(spec.network());
    }

    /** Makes a container's sandbox with all its endpoints, and publishes its ports. What a failure leaves is for {@link #leave}. */
    public Joined join(ContainerSpec spec) {
        return onPool(spec.id(), () -> {
            Place place = place(spec.network());
            ContainerId other = spec.network().joined();
            if (other != null) {
                return new Joined(new Sandbox.Joined(other), List.of());
            }
            return switch (place) {
                case ALONE -> new Joined(new Sandbox.Private(), List.of());
                case NODE -> new Joined(new Sandbox.Host(), List.of());
                case SANDBOX -> make(spec);
            };
        });
    }

    /** Where a container that may run is, without making anything of it. */
    public Sandbox remembered(ContainerSpec spec) {
        ContainerId other = spec.network().joined();
        if (other != null) {
            return new Sandbox.Joined(other);
        }
        return switch (place(spec.network())) {
            case ALONE -> new Sandbox.Private();
            case NODE -> new Sandbox.Host();
            case SANDBOX -> new Sandbox.Private();
        };
    }

    private Place place(ContainerSpec.Network network) {
        List<EndpointSpec> endpoints = network.endpoints();
        if (endpoints.isEmpty()) {
            return Place.SANDBOX;
        }
        for (EndpointSpec endpoint : endpoints) {
            if (endpoint.addresses().size() < endpoint.network().subnets().size()) {
                throw new Failure.Conflict("the endpoint on network "
                        + endpoint.network().name() + " has no address: another container has it");
            }
            Place place = drivers.of(endpoint).place();
            if (place == Place.ALONE && endpoints.size() > 1) {
                throw new Failure.Conflict(
                        "container cannot be connected to multiple networks with one of the networks in"
                                + " private (none) mode");
            }
            if (place == Place.NODE && endpoints.size() > 1) {
                throw new Failure.Conflict(
                        "container sharing network namespace with another container or host cannot be"
                                + " connected to any other network");
            }
        }
        return drivers.of(endpoints.getFirst()).place();
    }

    private Joined make(ContainerSpec spec) throws IOException {
        ContainerId id = spec.id();
        if (records.containsKey(id)) {
            undo(id);
        }
        List<Interface> interfaces = new InterfaceNames(id).of(spec.network().endpoints(), List.of());
        write(new SandboxRecord(id, interfaces, List.of(), false));
        Namespaces.Opened opened = namespaces.take(id);
        open.put(id, opened);
        for (Interface each : interfaces) {
            join(id, each, opened.namespace());
        }
        route(opened.namespace(), spec.network().endpoints());
        List<PublishedPort> published = publish(spec, List.of());
        opened.serve(spec, spec.network().endpoints());
        NetworkNamespace namespace = opened.namespace();
        return new Joined(
                namespace == null ? new Sandbox.Private() : new Sandbox.Namespace(namespace.path()), published);
    }

    private void join(ContainerId id, Interface each, @Nullable NetworkNamespace namespace) throws IOException {
        boolean v6 = each.endpoint().addresses().stream().anyMatch(address -> address.indexOf(':') >= 0);
        if (v6) {
            allowV6(namespace, true);
        }
        drivers.of(each.endpoint()).join(endpoint(id, each, namespace));
        if (v6) {
            allowV6(namespace, false);
        }
    }

    /** What interfaces get that come from now on. */
    private static void allowV6(@Nullable NetworkNamespace namespace, boolean allowed) throws IOException {
        if (namespace != null) {
            namespace.inside(() ->
                    Files.writeString(Path.of("/proc/sys/net/ipv6/conf/default/disable_ipv6"), allowed ? "0" : "1"));
        }
    }

    private static void route(@Nullable NetworkNamespace namespace, List<EndpointSpec> endpoints) throws IOException {
        if (namespace == null) {
            return;
        }
        List<Message> messages = new ArrayList<>();
        for (boolean v6 : new boolean[] {false, true}) {
            Optional<InetAddress> gateway =
                    Gateways.choose(endpoints, v6).flatMap(endpoint -> Gateways.gateway(endpoint, v6));
            gateway.ifPresent(address -> messages.add(Routes.gateway(address)));
        }
        namespace.route().execute(messages);
    }

    private static void unroute(@Nullable NetworkNamespace namespace) throws IOException {
        if (namespace != null) {
            namespace
                    .route()
                    .execute(
                            List.of(Routes.noGateway(Cidr.address("0.0.0.0")), Routes.noGateway(Cidr.address("::"))),
                            Errno.ESRCH);
        }
    }

    private List<PublishedPort> publish(ContainerSpec spec, List<PublishedPort> earlier) throws IOException {
        SandboxRecord record = record(spec.id());
        Optional<EndpointSpec> where = EndpointSpec.publishing(record.endpoints());
        if (spec.network().ports().isEmpty() || where.isEmpty()) {
            return List.of();
        }
        Interface at = record.interfaces().stream()
                .filter(each -> each.endpoint().id().equals(where.get().id()))
                .findFirst()
                .orElseThrow();
        NetworkDriver driver = drivers.of(at.endpoint());
        Endpoint endpoint = endpoint(spec.id(), at, null);
        List<PublishedPort> published = driver.publish(
                new Publication(spec.name(), endpoint, spec.network().ports(), earlier));
        write(record.published(published));
        return published;
    }

    /**
     * Takes up the sandbox of a container that runs since before this life of the agent. A change of its networks that was cut off is made to
     * what the specification says now.
     *
     * @param pid of a process of it
     * @return what is published of it
     */
    public List<PublishedPort> resume(ContainerSpec spec, int pid) {
        SandboxRecord record = records.get(spec.id());
        if (record == null) {
            return List.of();
        }
        return onPool(spec.id(), () -> {
            Namespaces.Opened opened = namespaces.reopen(spec.id(), pid);
            open.put(spec.id(), opened);
            if (record.changing()) {
                return change(spec, record, opened);
            }
            opened.serve(spec, record.endpoints());
            return publish(spec, record.published());
        });
    }

    /**
     * Connects a container that runs with the networks that are new in its specification, and disconnects it from those that are not in it any
     * more. If that fails, all is as it was.
     *
     * @return what is published of it now
     */
    public List<PublishedPort> change(ContainerSpec spec) {
        ContainerId id = spec.id();
        Place place = place(spec.network());
        Namespaces.Opened opened = open.get(id);
        if (opened == null || place != Place.SANDBOX) {
            throw new Failure.Conflict(
                    "container " + id + " is on no network that others can be added to or taken from");
        }
        return onPool(id, () -> {
            SandboxRecord before = record(id);
            try {
                return change(spec, before, opened);
            } catch (IOException | RuntimeException e) {
                restore(spec, before, opened);
                throw e;
            }
        });
    }

    private List<PublishedPort> change(ContainerSpec spec, SandboxRecord before, Namespaces.Opened opened)
            throws IOException {
        List<EndpointSpec> wanted = spec.network().endpoints();
        List<Interface> all = new InterfaceNames(spec.id()).of(wanted, before.interfaces());
        List<Interface> gone = new ArrayList<>(before.interfaces());
        gone.removeIf(each -> all.stream().anyMatch(other -> other.outside().equals(each.outside())));
        List<Interface> both = new ArrayList<>(gone);
        both.addAll(all);
        write(before.interfaces(both).changing(true));
        for (Interface each : all) {
            // What is there already is joined once more without harm, when nobody knows.
            if (before.changing()
                    || before.interfaces().stream()
                            .noneMatch(other -> other.outside().equals(each.outside()))) {
                join(spec.id(), each, opened.namespace());
            }
        }
        Optional<String> was = EndpointSpec.publishing(before.endpoints()).map(EndpointSpec::id);
        Optional<String> is = EndpointSpec.publishing(wanted).map(EndpointSpec::id);
        for (Interface each : gone) {
            drivers.of(each.endpoint()).leave(endpoint(spec.id(), each, opened.namespace()));
        }
        // Who finds the change cut off makes all of it again, so that the file may name what is gone.
        records.put(spec.id(), before.interfaces(all).changing(true));
        unroute(opened.namespace());
        route(opened.namespace(), wanted);
        List<PublishedPort> published = before.published();
        if (before.changing() || !was.equals(is)) {
            unpublish(spec.id());
            published = publish(spec, before.published());
        }
        opened.serve(spec, wanted);
        write(record(spec.id()).published(published).changing(false));
        return published;
    }

    /** After a change that failed half-way; what cannot be restored is told in the log. */
    private void restore(ContainerSpec spec, SandboxRecord before, Namespaces.Opened opened) {
        try {
            for (Interface each : record(spec.id()).interfaces()) {
                if (!before.interfaces().contains(each)) {
                    drivers.of(each.endpoint()).leave(endpoint(spec.id(), each, opened.namespace()));
                }
            }
            for (Interface each : before.interfaces()) {
                join(spec.id(), each, opened.namespace());
            }
            write(before);
            unroute(opened.namespace());
            route(opened.namespace(), before.endpoints());
            publish(spec, before.published());
            opened.serve(spec, before.endpoints());
        } catch (IOException | RuntimeException e) {
            LOG.warn("cannot undo a change of the networks of container {} that failed", spec.id(), e);
        }
    }

    /** Removes a container's sandbox and all in it. No error when there is nothing. */
    public void leave(ContainerId id) {
        if (records.containsKey(id) || open.containsKey(id)) {
            onPool(id, () -> {
                undo(id);
                return id;
            });
        }
    }

    private void undo(ContainerId id) throws IOException {
        unpublish(id);
        SandboxRecord record = records.get(id);
        for (Interface each : record == null ? List.<Interface>of() : record.interfaces()) {
            drivers.of(each.endpoint()).leave(endpoint(id, each, null));
        }
        Namespaces.Opened opened = open.remove(id);
        if (opened != null) {
            opened.close();
        }
        namespaces.release(id);
        files.delete(id);
        records.remove(id);
    }

    private void unpublish(ContainerId id) {
        drivers.all().forEach(driver -> driver.unpublish(id));
    }

    /** The containers that have a sandbox now, or something that is left of one. */
    public Set<ContainerId> held() {
        Set<ContainerId> held = new HashSet<>(records.keySet());
        held.addAll(namespaces.held());
        return held;
    }

    /** After a start of the agent, when all that runs has been taken up: what else there is goes. */
    public void sweep() {
        for (ContainerId id : held()) {
            if (!open.containsKey(id)) {
                LOG.warn("nothing runs in the sandbox of container {}, which is removed", id);
                try {
                    onPool(id, () -> {
                        undo(id);
                        return id;
                    });
                } catch (Failure e) {
                    LOG.warn("cannot remove it; the next start of the agent tries again", e);
                }
            }
        }
        List<Endpoint> known = new ArrayList<>();
        records.forEach((id, record) -> record.interfaces().forEach(each -> known.add(endpoint(id, each, null))));
        drivers.all().forEach(driver -> driver.sweep(known));
    }

    /** These are all endpoints on other nodes, by network id. */
    public void peers(Map<String, List<Peer>> byNetwork) {
        for (NetworkDriver driver : drivers.all()) {
            if (driver instanceof PeerNetworks spanning) {
                onPool(null, () -> {
                    spanning.peers(byNetwork);
                    return driver;
                });
            }
        }
    }

    @Override
    public List<PublishedPort> forward(Forward wanted, List<PublishedPort> earlier) {
        return onPool(wanted.container(), () -> forwarding().forward(wanted, earlier));
    }

    @Override
    public void unforward(ContainerId container) {
        onPool(container, () -> {
            forwarding().unforward(container);
            return container;
        });
    }

    /** Of the driver that publishes ports, so that no port is given out twice. */
    private PortForwarding forwarding() {
        if (drivers.named("bridge") instanceof PortForwarding forwarding) {
            return forwarding;
        }
        throw new Failure.Invalid("the driver of bridges on this node does not forward ports to other nodes");
    }

    /** See {@code AgentApi.createNetwork}. */
    public void create(NetworkSpec network) {
        NetworkDriver driver = drivers.named(network.driver());
        onPool(null, () -> {
            driver.create(network);
            return network;
        });
    }

    /** See {@code AgentApi.removeNetwork}. */
    public void remove(String network) {
        for (SandboxRecord record : records.values()) {
            for (Interface each : record.interfaces()) {
                if (each.endpoint().network().id().equals(network)) {
                    throw new Failure.Conflict("error while removing network: network "
                            + each.endpoint().network().name() + " id " + network + " has active endpoints");
                }
            }
        }
        onPool(null, () -> {
            drivers.all().forEach(driver -> driver.remove(network));
            return network;
        });
    }

    private static Endpoint endpoint(ContainerId id, Interface each, @Nullable NetworkNamespace namespace) {
        return new Endpoint(id, each.endpoint(), each.inside(), each.outside(), namespace);
    }

    private SandboxRecord record(ContainerId id) {
        SandboxRecord record = records.get(id);
        if (record == null) {
            throw new IllegalStateException("container " + id + " has no sandbox");
        }
        return record;
    }

    private void write(SandboxRecord record) throws IOException {
        files.write(record);
        records.put(record.container(), record);
    }

    private <T> T onPool(@Nullable ContainerId id, NativePool.Work<T> work) {
        try {
            return pool.call(work, PATIENCE);
        } catch (IOException e) {
            String what = id == null ? "a network" : "the network of container " + id.shortForm();
            throw new Failure.Internal("cannot set up " + what + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        open.values().forEach(Namespaces.Opened::close);
        namespaces.close();
        drivers.all().forEach(NetworkDriver::close);
        pool.close();
    }
}
