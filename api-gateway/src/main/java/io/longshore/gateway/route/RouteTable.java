package io.longshore.gateway.route;

import io.longshore.platform.run.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Every operation of the Engine API's contract, and who serves it. Immutable; the first entry that fits is taken. */
public final class RouteTable {
    private static final Duration QUICK = Duration.ofSeconds(60);
    /** A stop waits for the container's own grace, which the client may set as long as it likes. */
    private static final Duration PATIENT = Duration.ofHours(24);

    private static final String SWARM =
            "this needs swarm mode, which Longshore does not have yet: containers run on its nodes without it";
    private static final String BUILD =
            "building images is not there yet: build with another tool and bring the result in with \"docker load\" or \"docker import\"";
    private static final String EXEC =
            "exec is not there yet: give the command to \"docker run\", or follow the container with \"docker logs\" and \"docker attach\"";
    private static final String COPY =
            "copying files is not there yet: put them into the image, and read output with \"docker logs\"";
    private static final String REGISTRY =
            "registries are not there yet: bring images in with \"docker load\" or \"docker import\"";
    private static final String NETWORK =
            "managing networks is not there yet: containers run with --network none or --network host";
    private static final String VOLUME =
            "managing volumes is not there yet: containers get anonymous volumes with -v /path";
    private static final String PLUGIN =
            "plugins are not there yet: the built-in drivers are listed in \"docker info\"";

    private record Entry(Pattern path, Route route) {}

    private final Map<String, List<Entry>> byMethod = new HashMap<>();

    /** The table of this release. */
    public RouteTable() {
        system();
        containers();
        images();
        exec();
        absentFamilies();
    }

    /** The operation's route; empty when the contract has no such operation. */
    public Optional<Route> find(String method, String path) {
        for (Entry entry : byMethod.getOrDefault(method, List.of())) {
            if (entry.path.matcher(path).matches()) {
                return Optional.of(entry.route);
            }
        }
        return Optional.empty();
    }

    private void system() {
        add("GET /_ping", new Route.Own());
        add("HEAD /_ping", new Route.Own());
        add("GET /version", new Route.Own());
        add("GET /info", new Route.Own());
        add("GET /events", new Route.Own());
        absent("disk usage is not there yet: \"docker images\" and \"docker ps -s\" show sizes", "GET /system/df");
        absent(REGISTRY, "POST /auth", "GET /distribution/{name}/json");
        absent(BUILD, "POST /build", "POST /build/prune", "POST /build/cancel", "POST /session", "POST /grpc");
    }

    private void containers() {
        service(
                Part.CONTAINER,
                Route.Way.PLAIN,
                QUICK,
                "GET /containers/json",
                "POST /containers/create",
                "POST /containers/prune",
                "GET /containers/{id}/json",
                "POST /containers/{id}/start",
                "POST /containers/{id}/kill",
                "POST /containers/{id}/rename",
                "DELETE /containers/{id}");
        service(
                Part.CONTAINER,
                Route.Way.PLAIN,
                PATIENT,
                "POST /containers/{id}/stop",
                "POST /containers/{id}/restart");
        service(Part.CONTAINER, Route.Way.STREAM, PATIENT, "GET /containers/{id}/logs", "POST /containers/{id}/wait");
        service(Part.CONTAINER, Route.Way.UPGRADE, PATIENT, "POST /containers/{id}/attach");
        absent(
                "attach over a web socket is not there yet: use POST /containers/{id}/attach",
                "GET /containers/{id}/attach/ws");
        absent(
                "listing processes is not there yet: \"docker inspect\" shows the first one's pid",
                "GET /containers/{id}/top");
        absent("statistics are not there yet: read the container's cgroup on its node", "GET /containers/{id}/stats");
        absent("terminals cannot be resized yet: run without -t", "POST /containers/{id}/resize");
        absent("changing a container is not there yet: remove it and create it anew", "POST /containers/{id}/update");
        absent(
                "pausing is not there yet: \"docker stop\" and \"docker start\" work",
                "POST /containers/{id}/pause",
                "POST /containers/{id}/unpause");
        absent(
                COPY,
                "GET /containers/{id}/changes",
                "GET /containers/{id}/export",
                "HEAD /containers/{id}/archive",
                "GET /containers/{id}/archive",
                "PUT /containers/{id}/archive",
                "POST /commit");
        absent(
                "checkpoints are not there yet: \"docker stop\" and \"docker start\" work",
                "GET /containers/{id}/checkpoints",
                "POST /containers/{id}/checkpoints",
                "DELETE /containers/{id}/checkpoints/{checkpoint}");
    }

    private void images() {
        absent(REGISTRY, "GET /images/search", "POST /images/{name}/push");
        absent(COPY, "GET /images/get", "GET /images/{name}/get");
        absent("pruning images is not there yet: remove them with \"docker rmi\"", "POST /images/prune");
        service(Part.IMAGE, Route.Way.UPLOAD, PATIENT, "POST /images/load", "POST /images/create");
        service(
                Part.IMAGE,
                Route.Way.PLAIN,
                QUICK,
                "GET /images/json",
                "GET /images/{name}/json",
                "GET /images/{name}/history",
                "POST /images/{name}/tag",
                "DELETE /images/{name}");
    }

    private void exec() {
        absent(
                EXEC,
                "POST /containers/{id}/exec",
                "POST /exec/{id}/start",
                "POST /exec/{id}/resize",
                "GET /exec/{id}/json");
    }

    private void absentFamilies() {
        absent(VOLUME, "GET /volumes", "POST /volumes/create", "POST /volumes/prune", "GET /volumes/{name}");
        absent(VOLUME, "PUT /volumes/{name}", "DELETE /volumes/{name}");
        absent(NETWORK, "GET /networks", "POST /networks/create", "POST /networks/prune", "GET /networks/{id}");
        absent(NETWORK, "DELETE /networks/{id}", "POST /networks/{id}/connect", "POST /networks/{id}/disconnect");
        absent(PLUGIN, "GET /plugins", "GET /plugins/privileges", "POST /plugins/pull", "POST /plugins/create");
        absent(PLUGIN, "GET /plugins/{name}/json", "DELETE /plugins/{name}", "POST /plugins/{name}/enable");
        absent(PLUGIN, "POST /plugins/{name}/disable", "POST /plugins/{name}/upgrade", "POST /plugins/{name}/push");
        absent(PLUGIN, "POST /plugins/{name}/set");
        absent(SWARM, "GET /swarm", "POST /swarm/init", "POST /swarm/join", "POST /swarm/leave", "POST /swarm/update");
        absent(SWARM, "GET /swarm/unlockkey", "POST /swarm/unlock");
        absent(SWARM, "GET /nodes", "GET /nodes/{id}", "DELETE /nodes/{id}", "POST /nodes/{id}/update");
        for (String family : List.of("services", "secrets", "configs")) {
            absent(SWARM, "GET /" + family, "POST /" + family + "/create", "GET /" + family + "/{id}");
            absent(SWARM, "DELETE /" + family + "/{id}", "POST /" + family + "/{id}/update");
        }
        absent(SWARM, "GET /services/{id}/logs", "GET /tasks", "GET /tasks/{id}", "GET /tasks/{id}/logs");
    }

    private void service(Part part, Route.Way way, Duration limit, String... operations) {
        for (String operation : operations) {
            add(operation, new Route.Service(part, way, limit));
        }
    }

    private void absent(String message, String... operations) {
        for (String operation : operations) {
            add(operation, new Route.Absent(message));
        }
    }

    /** {@code {name}} may have slashes, as names of images and plugins do; every other variable is one segment. */
    private void add(String operation, Route route) {
        String[] parts = operation.split(" ");
        String regex =
                parts[1].replaceAll("[.]", "\\\\.").replace("{name}", ".+").replaceAll("\\{\\w+}", "[^/]+");
        byMethod.computeIfAbsent(parts[0], key -> new ArrayList<>())
                .add(new Entry(Pattern.compile(regex + "/?"), route));
    }
}
