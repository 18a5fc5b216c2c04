package io.longshore.acceptance.clients.testcontainers;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;

/** Containers that find each other by aliases. */
public class NetworkCases {
    private static final String HELLO = "while true; do echo hello | nc -l -p 7000; done";

    private static GenericContainer<?> on(Network network, String script, String alias) {
        return new GenericContainer<>("busybox:latest")
                .withNetwork(network)
                .withNetworkAliases(alias)
                .withCommand("sh", "-c", script);
    }

    @Test
    void containersFindEachOtherByAliases() throws Exception {
        try (Network network = Network.newNetwork();
                var server = on(network, HELLO, "server");
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
                var back = on(network, HELLO, "back");
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
                var server = on(one, HELLO, "server");
                var stranger = on(other, "exec sleep 600", "stranger")) {
            server.start();
            stranger.start();
            assertThat(stranger.execInContainer("nc", "-w", "1", "server", "7000")
                            .getExitCode())
                    .isNotZero();
            assertThat(DockerClientFactory.instance()
                            .client()
                            .inspectNetworkCmd()
                            .withNetworkId(one.getId())
                            .exec()
                            .getContainers())
                    .containsOnlyKeys(server.getContainerId());
        }
    }
}
