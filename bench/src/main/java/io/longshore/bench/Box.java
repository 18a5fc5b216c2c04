package io.longshore.bench;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.http.Request;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A container of the tools' image. Closing removes it. */
final class Box implements AutoCloseable {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Engine engine;
    private final String path;

    /**
     * Starts one.
     *
     * @param name empty for any
     * @param ports that it publishes, on any of the engine's
     */
    Box(Engine engine, String name, String network, List<Integer> ports, String... command) throws IOException {
        this.engine = engine;
        this.path = create(engine, name, network, ports, List.of(command));
        engine.call(Request.post(path + "/start")).expect(204);
    }

    /** The path of a container that is made and not started. */
    static String create(Engine engine, String name, String network, List<Integer> ports, List<String> command)
            throws IOException {
        Map<String, Object> exposed = new TreeMap<>();
        Map<String, Object> bindings = new TreeMap<>();
        for (int port : ports) {
            exposed.put(port + "/tcp", Map.of());
            bindings.put(port + "/tcp", List.of(Map.of("HostPort", "")));
        }
        Map<String, Object> body = Map.of(
                "Image",
                Tools.IMAGE,
                "Cmd",
                command,
                // So that its log has no frames.
                "Tty",
                true,
                "ExposedPorts",
                exposed,
                "HostConfig",
                Map.of("NetworkMode", network, "PortBindings", bindings));
        String query = name.isEmpty() ? "" : "?name=" + name;
        return "/v1.41/containers/"
                + engine.call(Request.post("/v1.41/containers/create" + query, JSON.writeValueAsString(body)))
                        .expect(201)
                        .json()
                        .path("Id")
                        .asString();
    }

    static void remove(Engine engine, String path) throws IOException {
        engine.call(Request.delete(path + "?force=1")).expect(204);
    }

    private JsonNode inspect() throws IOException {
        return engine.call(Request.get(path + "/json")).expect(200).json();
    }

    String id() {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /** Its address on the default bridge. */
    String address() throws IOException {
        return inspect().at("/NetworkSettings/IPAddress").asString();
    }

    /** The engine's own address on the default bridge, where published ports answer. */
    String gateway() throws IOException {
        return inspect().at("/NetworkSettings/Gateway").asString();
    }

    /** Where a port is published. */
    int published(int port) throws IOException {
        return Integer.parseInt(inspect()
                .path("NetworkSettings")
                .path("Ports")
                .path(port + "/tcp")
                .path(0)
                .path("HostPort")
                .asString());
    }

    /** All that it has written when it has ended; an {@link IOException} with that unless it ended well. */
    String output() throws IOException {
        int code = engine.call(Request.post(path + "/wait"))
                .expect(200)
                .json()
                .path("StatusCode")
                .asInt(-1);
        String log = engine.call(Request.get(path + "/logs?stdout=1&stderr=1"))
                .expect(200)
                .text();
        if (code != 0) {
            throw new IOException(engine.name() + ": a tool ended with " + code + ": " + log);
        }
        return log;
    }

    @Override
    public void close() throws IOException {
        remove(engine, path);
    }
}
