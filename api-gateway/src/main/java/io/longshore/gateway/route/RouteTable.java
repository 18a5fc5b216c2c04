package io.longshore.gateway.route;

import io.longshore.platform.run.Part;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Every operation of the Engine API's contract and of Longshore's own API ({@value #OWN_API}), and who serves it. Immutable; the first entry
 * that fits is taken.
 */
public final class RouteTable {
    /** Where Longshore's own API is. */
    public static final String OWN_API = "/api/v1/";

    private static final Duration QUICK = Duration.ofSeconds(60);
    /** Of a create: its image may have to be brought to its node. */
    private static final Duration BRINGING = Duration.ofMinutes(20);

    /** A stop waits for the container's own grace, which the client may set as long as it likes; and some work grows with the data. */
    private static final Duration PATIENT = Duration.ofHours(24);

    private static final String BUILD =
            "docker build is not there yet: build with another tool and bring the result in with \"docker pull\","
                    + " \"docker load\" or \"docker import\"";
    private static final String SEARCH =
            "docker search is not supported: registries have no search in common; \"docker pull NAME\" brings an image"
                    + " whose name is known";
    private static final String STOP = " is not there yet: \"docker stop\" and \"docker start\" work";
    private static final String VOLUME =
            "docker volume update is for the cluster volumes of a swarm, which are not there yet";
    private static final String PLUGIN =
            "docker plugin is not there yet: the built-in drivers are listed in \"docker info\"";

    private record Entry(String operation, Pattern path, Route route) {}

    private final Map<String, List<Entry>> byMethod = new HashMap<>();

    /** The table of this release. */
    public RouteTable() {
        system();
        containers();
        files();
        images();
        exec();
        volumesNetworksAndPlugins();
        swarm();
        own();
    }

    /** The operation's route; empty when the contract has no such operation. */
    public Optional<Route> find(String method, String path) {
        for (Entry entry : byMethod.getOrDefault(method, List.of())) {
            Matcher matcher = entry.path.matcher(path);
            if (matcher.matches()) {
                return Optional.of(
                        entry.route instanceof Route.Missing missing ? missing.named(matcher.group(1)) : entry.route);
            }
        }
        return Optional.empty();
    }

    /** Every operation of the table as it is written in the contract, such as {@code GET /containers/{id}/json}. */
    List<String> operations() {
        return byMethod.values().stream()
                .flatMap(List::stream)
                .map(Entry::operation)
                .toList();
    }

    private void system() {
        add("GET /_ping", new Route.Own());
        add("HEAD /_ping", new Route.Own());
        add("GET /version", new Route.Own());
        add("GET /info", new Route.Own());
        add("GET /events", new Route.Own());
        add("GET /system/df", new Route.Own());
        service(Part.IMAGE, Route.Way.PLAIN, QUICK, "POST /auth", "GET /distribution/{name}/json");
        absent(BUILD, "POST /build", "POST /build/prune", "POST /build/cancel", "POST /session", "POST /grpc");
    }

    private void files() {
        service(Part.CONTAINER, Route.Way.PLAIN, QUICK, "HEAD /containers/{id}/archive");
        service(
                Part.CONTAINER,
                Route.Way.STREAM,
                PATIENT,
                "GET /containers/{id}/archive",
                "GET /containers/{id}/export",
                "GET /containers/{id}/changes");
        service(Part.CONTAINER, Route.Way.UPLOAD, PATIENT, "PUT /containers/{id}/archive");
        service(Part.CONTAINER, Route.Way.PLAIN, PATIENT, "POST /commit");
    }

    private void containers() {
        service(Part.CONTAINER, Route.Way.PLAIN, BRINGING, "POST /containers/create");
        service(
                Part.CONTAINER,
                Route.Way.PLAIN,
                QUICK,
                "GET /containers/json",
                "GET /containers/{id}/json",
                "GET /containers/{id}/top",
                "POST /containers/{id}/kill",
                "POST /containers/{id}/pause",
                "POST /containers/{id}/unpause",
                "POST /containers/{id}/update",
                "POST /containers/{id}/resize",
                "POST /containers/{id}/rename");
        service(
                Part.CONTAINER,
                Route.Way.PLAIN,
                PATIENT,
                "POST /containers/{id}/start",
                "POST /containers/{id}/stop",
                "POST /containers/{id}/restart",
                "DELETE /containers/{id}",
                "DELETE /containers/{owner}/{alias}",
                "POST /containers/prune");
        service(Part.CONTAINER, Route.Way.STREAM, PATIENT, "GET /containers/{id}/logs", "GET /containers/{id}/stats");
        service(Part.CONTAINER, Route.Way.LATE, PATIENT, "POST /containers/{id}/wait");
        service(Part.CONTAINER, Route.Way.UPGRADE, PATIENT, "POST /containers/{id}/attach");
        service(Part.CONTAINER, Route.Way.WEB_SOCKET, PATIENT, "GET /containers/{id}/attach/ws");
        absent("docker checkpoint" + STOP, "GET /containers/{id}/checkpoints", "POST /containers/{id}/checkpoints");
        absent("docker checkpoint" + STOP, "DELETE /containers/{id}/checkpoints/{checkpoint}");
    }

    private void images() {
        absent(SEARCH, "GET /images/search");
        service(
                Part.IMAGE,
                Route.Way.STREAM,
                PATIENT,
                "POST /images/{name}/push",
                "GET /images/get",
                "GET /images/{name}/get");
        service(Part.IMAGE, Route.Way.PLAIN, PATIENT, "POST /images/prune");
        service(Part.IMAGE, Route.Way.UPLOAD, PATIENT, "POST /images/load", "POST /images/create");
        service(
                Part.IMAGE,
                Route.Way.PLAIN,
                QUICK,
                "GET /images/json",
                "GET /images/{name}/json",
                "GET /images/{name}/history",
                "POST /images/{name}/tag");
        service(Part.IMAGE, Route.Way.PLAIN, PATIENT, "DELETE /images/{name}");
    }

    private void exec() {
        service(
                Part.CONTAINER,
                Route.Way.PLAIN,
                QUICK,
                "POST /containers/{id}/exec",
                "POST /exec/{id}/resize",
                "GET /exec/{id}/json");
        service(Part.CONTAINER, Route.Way.UPGRADE, PATIENT, "POST /exec/{id}/start");
    }

    private void volumesNetworksAndPlugins() {
        service(Part.VOLUME, Route.Way.PLAIN, QUICK, "GET /volumes", "GET /volumes/{name}", "POST /volumes/create");
        service(Part.VOLUME, Route.Way.PLAIN, PATIENT, "POST /volumes/prune", "DELETE /volumes/{name}");
        absent(VOLUME, "PUT /volumes/{name}");
        service(Part.NETWORK, Route.Way.PLAIN, QUICK, "GET /networks", "POST /networks/create");
        // Who is on a network, and runs, is known where the containers are.
        service(Part.CONTAINER, Route.Way.PLAIN, QUICK, "GET /networks/{id}", "DELETE /networks/{id}");
        service(Part.CONTAINER, Route.Way.PLAIN, QUICK, "POST /networks/{id}/connect");
        service(Part.CONTAINER, Route.Way.PLAIN, QUICK, "POST /networks/{id}/disconnect");
        service(Part.CONTAINER, Route.Way.PLAIN, PATIENT, "POST /networks/prune");
        // "docker inspect" asks here for what is nothing else: there is no plugin of any name.
        add("GET /plugins/{name}/json", new Route.Missing("plugin \"%s\" not found"));
        absent(PLUGIN, "GET /plugins", "GET /plugins/privileges", "POST /plugins/pull", "POST /plugins/create");
        absent(PLUGIN, "DELETE /plugins/{name}", "POST /plugins/{name}/enable", "POST /plugins/{name}/disable");
        absent(PLUGIN, "POST /plugins/{name}/upgrade", "POST /plugins/{name}/push", "POST /plugins/{name}/set");
    }

    private void swarm() {
        absent(swarm("swarm"), "GET /swarm", "POST /swarm/init", "POST /swarm/join", "POST /swarm/leave");
        absent(swarm("swarm"), "POST /swarm/update", "GET /swarm/unlockkey", "POST /swarm/unlock");
        service(Part.FLEET, Route.Way.PLAIN, QUICK, "GET /nodes", "GET /nodes/{id}", "DELETE /nodes/{id}");
        service(Part.FLEET, Route.Way.PLAIN, QUICK, "POST /nodes/{id}/update");
        for (String resource : List.of("service", "secret", "config")) {
            String path = "/" + resource + "s";
            absent(swarm(resource), "GET " + path, "POST " + path + "/create", "GET " + path + "/{id}");
            absent(swarm(resource), "DELETE " + path + "/{id}", "POST " + path + "/{id}/update");
        }
        absent(swarm("service"), "GET /services/{id}/logs", "GET /tasks/{id}/logs");
        service(Part.CONTAINER, Route.Way.PLAIN, PATIENT, "GET /tasks", "GET /tasks/{id}");
    }

    private void own() {
        service(Part.IMAGE, Route.Way.PLAIN, QUICK, "GET " + OWN_API + "registries");
        service(Part.IMAGE, Route.Way.PLAIN, QUICK, "PUT " + OWN_API + "registries/{registry}");
        service(Part.IMAGE, Route.Way.PLAIN, QUICK, "DELETE " + OWN_API + "registries/{registry}");
        service(Part.IMAGE, Route.Way.PLAIN, QUICK, "GET " + OWN_API + "system-registry");
        service(Part.IMAGE, Route.Way.STREAM, PATIENT, "POST " + OWN_API + "system-registry/images");
        service(Part.FLEET, Route.Way.PLAIN, QUICK, "GET " + OWN_API + "join-tokens");
        service(Part.FLEET, Route.Way.PLAIN, QUICK, "POST " + OWN_API + "join-tokens");
        service(Part.FLEET, Route.Way.PLAIN, QUICK, "DELETE " + OWN_API + "join-tokens/{id}");
    }

    private static String swarm(String command) {
        return "docker " + command + " is not there yet: Longshore runs containers on its nodes without swarm mode";
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
                parts[1].replaceAll("[.]", "\\\\.").replace("{name}", "(.+)").replaceAll("\\{\\w+}", "[^/]+");
        byMethod.computeIfAbsent(parts[0], key -> new ArrayList<>())
                .add(new Entry(operation, Pattern.compile(regex + "/?"), route));
    }
}
