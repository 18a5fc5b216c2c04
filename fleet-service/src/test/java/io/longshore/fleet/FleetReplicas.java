package io.longshore.fleet;

import io.longshore.contracts.Caller;
import io.longshore.contracts.fleet.FleetApi;
import io.longshore.contracts.fleet.Heartbeat;
import io.longshore.contracts.fleet.JoinApi;
import io.longshore.contracts.fleet.Node;
import io.longshore.fleet.authority.CertificateAuthority;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.sample.SampleNodeInfo;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.service.annotation.DeleteExchange;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** Several fleet-services with one database and one authority, each with a context, a pool and a socket of its own. */
final class FleetReplicas implements AutoCloseable {
    private final Connections connections = new Connections();
    private final Parts parts = new Parts(connections);
    private final List<RunningService> running;

    /** Of the Engine API and of Longshore's own. */
    interface Engine {
        @GetExchange("/nodes/{id}")
        Map<String, Object> inspect(Caller caller, @PathVariable String id);

        @PostExchange("/nodes/{id}/update")
        void update(
                Caller caller,
                @PathVariable String id,
                @RequestParam long version,
                @RequestBody Map<String, Object> wish);

        @DeleteExchange("/nodes/{id}")
        void remove(Caller caller, @PathVariable String id, @RequestParam boolean force);

        @PostExchange("/api/v1/join-tokens")
        Map<String, @Nullable Object> token(Caller caller, @RequestBody Map<String, Object> wish);
    }

    FleetReplicas(TestDatabase database, Path directory, int count) {
        Path certificate = directory.resolve("keys/fleet.crt");
        Path key = directory.resolve("keys/fleet.key");
        CertificateAuthority.makeIfMissing(certificate, key);
        running = IntStream.range(0, count)
                .mapToObj(index -> {
                    Map<String, Object> values = new HashMap<>(database.settings());
                    values.put("run.directory", directory.resolve("run" + index).toString());
                    values.put("fleet.authority.certificate-file", certificate.toString());
                    values.put("fleet.authority.key-file", key.toString());
                    return ServiceRunner.start(FleetServiceApplication.class, Settings.of(values));
                })
                .toList();
    }

    static Caller caller() {
        return new Caller("admin", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    static Heartbeat heartbeat(String name, String address, String machine) {
        return new Heartbeat(name, address, machine, Map.of("disk", "ssd"), SampleNodeInfo.of());
    }

    int count() {
        return running.size();
    }

    RunningService service(int replica) {
        return running.get(replica);
    }

    FleetApi fleet(int replica) {
        return client(replica, FleetApi.class);
    }

    JoinApi door(int replica) {
        return client(replica, JoinApi.class);
    }

    Engine engine(int replica) {
        return client(replica, Engine.class);
    }

    private <T> T client(int replica, Class<T> contract) {
        return parts.client(
                contract, "fleet", new Address.Unix(running.get(replica).socket()));
    }

    /** As a replica tells of it; null for a node that it does not know. */
    @Nullable
    Node node(int replica, String id) {
        return fleet(replica).nodes(caller()).stream()
                .filter(node -> node.id().value().equals(id))
                .findFirst()
                .orElse(null);
    }

    @Override
    public void close() throws IOException {
        connections.close();
        running.forEach(RunningService::close);
    }
}
