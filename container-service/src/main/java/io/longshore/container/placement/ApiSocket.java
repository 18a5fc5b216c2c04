package io.longshore.container.placement;

import io.longshore.contracts.fleet.Node;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/**
 * The socket of the Engine API, as containers mount it that are clients themselves (Testcontainers' reaper, Traefik, Portainer): by its path on
 * the node that has it, by the directory of that, or by Docker's.
 */
public final class ApiSocket {
    private static final Path OF_DOCKER = Path.of("/run/docker.sock");
    private static final Path LINK = Path.of("/var/run");
    private static final Path TARGET = Path.of("/run");

    private ApiSocket() {}

    /** Whether a path of the host that a container mounts is meant to lead to it; false where no node has it. */
    public static boolean isMeant(String source, List<Node> nodes) {
        Path path = parse(source);
        return nodes.stream()
                .map(node -> node.info().apiSocket())
                .filter(Objects::nonNull)
                .map(ApiSocket::parse)
                .anyMatch(socket -> path.equals(socket) || path.equals(socket.getParent()) || path.equals(OF_DOCKER));
    }

    private static Path parse(String text) {
        try {
            Path path = Path.of(text).normalize();
            return path.startsWith(LINK) ? TARGET.resolve(LINK.relativize(path)) : path;
        } catch (InvalidPathException e) {
            // No path, and none that leads there; who mounts it says so.
            return Path.of("");
        }
    }
}
