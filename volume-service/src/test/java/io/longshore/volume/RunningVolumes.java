package io.longshore.volume;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.ContainerId;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.data.TestDatabase;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.telemetry.Trace;
import io.longshore.testnode.volume.TestNode;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/** The volume-service on a database, with a fleet of one node. */
final class RunningVolumes implements AutoCloseable {
    private final RunningService node;
    private final RunningService service;
    private final Connections connections = new Connections();

    /** @param directory for sockets */
    RunningVolumes(TestDatabase database, Path directory) {
        Map<String, Object> values = new HashMap<>();
        values.put("run.directory", directory.resolve("run").toString());
        node = ServiceRunner.start(TestNode.class, Settings.of(values));
        values.putAll(database.settings());
        values.put("services.fleet", "unix:" + node.socket());
        service = ServiceRunner.start(VolumeServiceApplication.class, Settings.of(values));
    }

    static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(30), Trace.newId());
    }

    static Owner owner() {
        return new Owner(ContainerId.random(), 1);
    }

    /** A client of the service. */
    <T> T client(Class<T> api) {
        return new Parts(connections).client(api, "volume-service", new Address.Unix(service.socket()));
    }

    <T> T bean(Class<T> type) {
        return service.context().getBean(type);
    }

    TestNode.Volumes disk() {
        return node.context().getBean(TestNode.Volumes.class);
    }

    @Override
    public void close() throws IOException {
        connections.close();
        service.close();
        node.close();
    }
}
