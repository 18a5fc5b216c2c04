package io.longshore.acceptance.clients.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;

/** What nobody closes: it is there when the JVM ends, and the reaper's then. */
public class LeftToRyukCases {
    private static final String IMAGE = "busybox:latest";

    @Test
    @SuppressWarnings("resource")
    void containersAndANetworkAreLeft() throws IOException {
        Network network = Network.newNetwork();
        GenericContainer<?> server = new GenericContainer<>(IMAGE)
                .withNetwork(network)
                .withCommand("sh", "-c", "mkdir /www && echo left >/www/page && exec httpd -f -p 80 -h /www")
                .withExposedPorts(80);
        server.start();
        GenericContainer<?> ended = new GenericContainer<>(IMAGE).withCommand("sleep", "600");
        ended.start();
        ended.getDockerClient()
                .stopContainerCmd(ended.getContainerId())
                .withTimeout(0)
                .exec();
        assertThat(Http.get(server, 80, "/page")).endsWith("left\n");
        assertThat(DockerClientFactory.instance().client().listContainersCmd().withShowAll(true).exec().stream()
                        .flatMap(container -> Arrays.stream(container.getNames())))
                .hasSize(3)
                .anyMatch(name -> name.startsWith("/testcontainers-ryuk-"));
    }
}
