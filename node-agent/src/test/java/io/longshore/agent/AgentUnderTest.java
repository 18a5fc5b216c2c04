package io.longshore.agent;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentApi;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.ApplyRequest;
import io.longshore.contracts.agent.Changes;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.agent.RemoveRequest;
import io.longshore.contracts.agent.SignalRequest;
import io.longshore.contracts.agent.Tick;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.client.Address;
import io.longshore.platform.client.Connections;
import io.longshore.platform.client.Parts;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.telemetry.Trace;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.MappingIterator;

/** An agent as others see it: by its socket only, whoever started it. */
final class AgentUnderTest implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final Connections connections = new Connections();
    private final AgentApi api;
    private final StreamClient streams;
    private volatile long epoch = 1;

    AgentUnderTest(Path socket) {
        Address address = new Address.Unix(socket);
        api = new Parts(connections).client(AgentApi.class, "agent", address);
        streams = new StreamClient("agent", () -> address, MutualTls.none());
    }

    static Caller caller() {
        return new Caller("test", "default", Instant.now().plus(PATIENCE), Trace.newId());
    }

    AgentApi api() {
        return api;
    }

    /** Commands are given under this epoch from now on. */
    void epoch(long number) {
        epoch = number;
    }

    Observed apply(ContainerSpec spec, long starts) {
        return api.apply(caller(), spec.id(), new ApplyRequest(epoch, spec, starts));
    }

    Observed observe(ContainerId id) {
        return api.observe(caller(), id);
    }

    Observed signal(ContainerId id, int signal, @Nullable Integer grace) {
        return api.signal(caller(), id, new SignalRequest(epoch, signal, grace));
    }

    void remove(ContainerId id, boolean force) {
        api.remove(caller(), id, new RemoveRequest(epoch, force));
    }

    Changes everything() {
        return api.changes(caller(), null, null, 0);
    }

    /** Follows the feed until the container is as wanted. */
    Observed await(ContainerId id, Predicate<Observed> wanted) {
        Instant limit = Instant.now().plus(PATIENCE);
        Changes changes = everything();
        while (Instant.now().isBefore(limit)) {
            for (Observed each : changes.containers()) {
                if (each.id().equals(id) && wanted.test(each)) {
                    return each;
                }
            }
            changes = api.changes(caller(), changes.instance(), changes.revision(), 5_000);
        }
        throw new AssertionError("container " + id + " did not become as wanted; it is " + observe(id));
    }

    Observed awaitEnd(ContainerId id) {
        return await(id, each -> each.status() == Observed.Status.EXITED);
    }

    boolean knows(ContainerId id) {
        try {
            observe(id);
            return true;
        } catch (Failure.NotFound e) {
            return false;
        }
    }

    Duplex attach(ContainerId id, boolean stdin) {
        return streams.duplex(
                caller(),
                StreamRequest.post(AgentPaths.attach(id))
                        .query("stream", 1)
                        .query("stdin", stdin ? 1 : 0)
                        .query("stdout", 1)
                        .query("stderr", 1));
    }

    /** Has the agent take in an image archive; its layers, lowest first. */
    List<Digest> load(InputStream archive) {
        List<LoadedImage> loaded = streams.upload(
                caller(),
                StreamRequest.post(AgentPaths.LOAD),
                archive,
                new TypeReference<List<LoadedImage>>() {},
                AgentPaths.LOAD_ANSWER_BYTES);
        return loaded.getFirst().layers().stream()
                .map(LoadedImage.LoadedLayer::diffId)
                .toList();
    }

    ByteStream logs(ContainerId id, String query) {
        return streams.download(caller(), StreamRequest.get(AgentPaths.logs(id) + "?stdout=1&stderr=1" + query));
    }

    /** The first so many objects of a container's stats. */
    List<Tick> ticks(ContainerId id, int count) throws IOException {
        StreamRequest request = StreamRequest.get(AgentPaths.stats(id)).query("count", count);
        try (ByteStream stream = streams.download(caller(), request)) {
            return Json.mapper()
                    .readerFor(Tick.class)
                    .<Tick>readValues(stream.input())
                    .readAll();
        }
    }

    /** All of them. */
    Ticks ticks(ContainerId id) {
        return new Ticks(streams.download(caller(), StreamRequest.get(AgentPaths.stats(id))));
    }

    /** A stream of stats. */
    static final class Ticks implements AutoCloseable {
        private final ByteStream stream;
        private final MappingIterator<Tick> values;

        Ticks(ByteStream stream) {
            this.stream = stream;
            this.values = Json.mapper().readerFor(Tick.class).readValues(stream.input());
        }

        /** Null at the end. */
        @Nullable
        Tick next() {
            return values.hasNextValue() ? values.nextValue() : null;
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    String logText(ContainerId id, String query) throws IOException {
        try (ByteStream stream = logs(id, query)) {
            return Frames.text(stream.input());
        }
    }

    @Override
    public void close() throws IOException {
        connections.close();
    }
}
