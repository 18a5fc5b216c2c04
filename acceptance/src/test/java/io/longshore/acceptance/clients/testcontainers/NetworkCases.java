package io.longshore.acceptance.clients.testcontainers;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.Container;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** Containers that find each other by aliases. */
public class NetworkCases {
    private static GenericContainer<?> on(Network network, String script, String alias) {
        return new GenericContainer<>("busybox:latest")
                .withNetwork(network)
                .withNetworkAliases(alias)
                .withCommand("sh", "-c", script);
    }

    /** Listens all the time: a loop around nc refuses who comes between two of them. */
    private static GenericContainer<?> server(Network network, String alias) {
        return on(network, "exec nc -ll -p 7000 -e echo hello", alias)
                .waitingFor(Wait.forSuccessfulCommand("netstat -ltn | grep -q :7000"));
    }

    private static Container.ExecResult hello(GenericContainer<?> client, String address) throws Exception {
        return client.execInContainer("nc", "-w", "2", address, "7000");
    }

    @Test
    void containersFindEachOtherByAliases() throws Exception {
        try (Network network = Network.newNetwork();
                var server = server(network, "server");
                var client = on(network, "exec sleep 600", "client")) {
            server.start();
            client.start();
            assertThat(client.execInContainer("nc", "-w", "5", "server", "7000").getStdout())
                    .isEqualTo("hello\n");
            assertThat(server.execInContainer("nslookup", "-type=a", "client").getExitCode())
                    .isZero();
        }
    }

    /** One is asked from outside, and asks the other. */
    @Test
    void aServerBehindAnother() throws Exception {
        String front =
                "mkdir -p /www/cgi-bin && printf '#!/bin/sh\\nprintf \"\\\\r\\\\n\"; nc -w 5 back 7000 </dev/null\\n'"
                        + " >/www/cgi-bin/ask && chmod 755 /www/cgi-bin/ask && exec httpd -f -p 80 -h /www";
        try (Network network = Network.builder().driver("bridge").build();
                var back = server(network, "back");
                var server = on(network, front, "front")
                        .dependsOn(back)
                        .withExposedPorts(80)
                        .waitingFor(Wait.forHttp("/cgi-bin/ask"))) {
            server.start();
            assertThat(back.isRunning()).isTrue();
            assertThat(Http.get(server, 80, "/cgi-bin/ask")).endsWith("hello\n");
        }
    }

    @Test
    void networksAreApart() throws Exception {
        try (Network one = Network.newNetwork();
                Network other = Network.newNetwork();
                var server = server(one, "server");
                var peer = on(one, "exec sleep 600", "peer");
                var stranger = on(other, "exec sleep 600", "stranger")) {
            server.start();
            peer.start();
            stranger.start();
            String address = requireNonNull(server.getCurrentContainerInfo()
                    .getNetworkSettings()
                    .getNetworks()
                    .values()
                    .iterator()
                    .next()
                    .getIpAddress());
            assertThat(hello(peer, address).getStdout()).isEqualTo("hello\n");
            for (String there : List.of("server", address)) {
                assertThat(hello(stranger, there).getExitCode()).as(there).isNotZero();
                assertThat(hello(stranger, there).getStdout()).as(there).isEmpty();
            }
            // It was not the server that had ended.
            assertThat(hello(peer, address).getStdout()).isEqualTo("hello\n");
            assertThat(DockerClientFactory.instance()
                            .client()
                            .inspectNetworkCmd()
                            .withNetworkId(one.getId())
                            .exec()
                            .getContainers())
                    .containsOnlyKeys(server.getContainerId(), peer.getContainerId());
        }
    }
}
