package io.longshore.fleet;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.fleet.Node;
import io.longshore.platform.client.Address;
import io.longshore.platform.engine.LongshoreVersion;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A node as the Engine API has it ({@code Node}). All are workers: who manages is no matter of nodes here. */
record NodeAnswer(
        @JsonProperty("ID") String id,
        @JsonProperty("Version") Version version,
        @JsonProperty("CreatedAt") String createdAt,
        @JsonProperty("UpdatedAt") String updatedAt,
        @JsonProperty("Spec") Spec spec,
        @JsonProperty("Description") Description description,
        @JsonProperty("Status") Status status) {
    private static final long NANO = 1_000_000_000L;

    record Version(@JsonProperty("Index") long index) {}

    record Spec(
            @JsonProperty("Labels") Map<String, String> labels,
            @JsonProperty("Role") String role,
            @JsonProperty("Availability") String availability) {}

    record Description(
            @JsonProperty("Hostname") String hostname,
            @JsonProperty("Platform") Platform platform,
            @JsonProperty("Resources") Resources resources,
            @JsonProperty("Engine") Engine engine) {}

    record Platform(
            @JsonProperty("Architecture") String architecture,
            @JsonProperty("OS") String os) {}

    record Resources(
            @JsonProperty("NanoCPUs") long nanoCpus,
            @JsonProperty("MemoryBytes") long memoryBytes) {}

    record Engine(
            @JsonProperty("EngineVersion") String version,
            @JsonProperty("Labels") Map<String, String> labels,
            @JsonProperty("Plugins") List<Plugin> plugins) {}

    record Plugin(
            @JsonProperty("Type") String type,
            @JsonProperty("Name") String name) {}

    record Status(
            @JsonProperty("State") String state,
            @JsonProperty("Message") String message,
            @JsonProperty("Addr") String address) {}

    static NodeAnswer of(Node node) {
        List<Plugin> plugins = java.util.stream.Stream.of(
                        plugins("Log", node.info().logDrivers()),
                        plugins("Network", node.info().networkDrivers()),
                        plugins("Volume", node.info().volumeDrivers()))
                .flatMap(List::stream)
                .toList();
        return new NodeAnswer(
                node.id().value(),
                new Version(node.spec().version()),
                node.joined().toString(),
                (node.spec().version() == 0 ? node.joined() : node.spec().updated()).toString(),
                new Spec(
                        node.spec().labels(),
                        "worker",
                        node.spec().availability().name().toLowerCase(Locale.ROOT)),
                new Description(
                        node.name(),
                        new Platform(node.info().architecture(), node.info().osType()),
                        new Resources(node.info().cpus() * NANO, node.info().memoryBytes()),
                        new Engine(engine(node), node.labels(), plugins)),
                new Status(
                        node.ready() ? "ready" : "down",
                        node.ready() ? "" : "not heard of since " + node.lastSeen(),
                        host(node)));
    }

    /** Empty for an agent that does not say its version. */
    private static String engine(Node node) {
        String version = node.info().version();
        return version == null ? "" : LongshoreVersion.asEngine(version);
    }

    private static List<Plugin> plugins(String type, List<String> names) {
        return names.stream().map(name -> new Plugin(type, name)).toList();
    }

    /** A node that is spoken to by its socket is on this machine. */
    private static String host(Node node) {
        return switch (Address.of(node)) {
            case Address.Unix _ -> "127.0.0.1";
            case Address.Tcp tcp -> tcp.host();
            case Address.Tls tls -> tls.host();
        };
    }
}
