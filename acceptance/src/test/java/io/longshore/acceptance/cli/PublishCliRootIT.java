package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import org.junit.jupiter.api.Test;

/** {@code -p} and {@code -P}, {@code docker port}: ports of containers on the node. */
class PublishCliRootIT extends CliCases {
    private Applications applications() {
        return new Applications(docker);
    }

    @Test
    void aFixedPort() {
        applications().server("web", 80, "-p 18080:80");
        assertThat(applications().ask("127.0.0.1", 18080)).isEqualTo("web");
        docker.ok("port web").printsPart("80/tcp -> 0.0.0.0:18080\n");
        docker.ok("port web 80").printsPart("0.0.0.0:18080\n");
        docker.run("port web 81")
                .exits(1)
                .saysMatch("No public port '81(/tcp)?' published for web|no public port '81/tcp' published for web");
        assertThat(docker.probe("ps --format {{.Ports}}").out()).startsWith("0.0.0.0:18080->80/tcp");
        docker.ok("stop -t 0 web");
        docker.ok("port web").prints("");
        assertThat(applications().inNetwork("nc", "-w", "1", "127.0.0.1", "18080"))
                .isEmpty();
    }

    @Test
    void onOneAddressOnly() {
        applications().server("web", 80, "-p 127.0.0.1:18081:80");
        docker.ok("port web").prints("80/tcp -> 127.0.0.1:18081\n");
        assertThat(applications().ask("127.0.0.1", 18081)).isEqualTo("web");
    }

    @Test
    void anyPort() {
        docker.ok("run -d --name web -p 80 --expose 81 busybox sleep 60");
        assertThat(hostPort("web", "80/tcp")).isBetween(1024, 65_535);
        docker.ok("inspect --format '{{json (index .NetworkSettings.Ports \"81/tcp\")}}' web")
                .prints("null\n");
        docker.ok("run -d --name all -P --expose 80-82 busybox sleep 60");
        assertThat(hostPort("all", "82/tcp")).isNotEqualTo(hostPort("all", "81/tcp"));
    }

    private int hostPort(String container, String port) {
        return docker.engine()
                .call(Request.get("/containers/" + container + "/json"))
                .json()
                .path("NetworkSettings")
                .path("Ports")
                .path(port)
                .path(0)
                .path("HostPort")
                .asInt(-1);
    }

    @Test
    void ranges() {
        docker.ok("run -d --name one -p 18090-18091:80 busybox sleep 60");
        docker.ok("run -d --name two -p 18090-18091:80 busybox sleep 60");
        assertThat(hostPort("one", "80/tcp")).isEqualTo(18090);
        assertThat(hostPort("two", "80/tcp")).isEqualTo(18091);
        docker.probe("run --rm --name three -p 18090-18091:80 busybox true")
                .exits(125)
                .saysMatch("all ports are allocated|port is already allocated");
        docker.ok("run --rm -p 18100-18102:90-92 busybox true");
    }

    @Test
    void overUdp() {
        docker.ok("run -d --name web -p 15353:53/udp busybox sleep 60");
        docker.ok("port web").printsPart("53/udp -> 0.0.0.0:15353\n");
        docker.ok("run --rm -p 15353:53/tcp busybox true");
        docker.run("run --rm -p 15353:53/udp busybox true").exits(125).says("port is already allocated");
    }

    /** Packets of it are the node agent's tests'; here is what the command gets to see. */
    @Test
    @LongshoreOnly("Docker Engine's proxy needs sockets of SCTP, which not every kernel has")
    void overSctp() {
        docker.ok("run -d --name web -p 15354:5000/sctp -p 5001/sctp busybox sleep 60");
        docker.ok("port web").printsPart("5000/sctp -> 0.0.0.0:15354\n");
        assertThat(docker.probe("ps --format {{.Ports}}").out()).contains("0.0.0.0:15354->5000/sctp");
        assertThat(hostPort("web", "5001/sctp")).isBetween(32_768, 60_999);
        docker.ok("run --rm -p 15354:5000/tcp -p 15354:5000/udp busybox true");
        docker.run("run --rm -p 15354:5000/sctp busybox true").exits(125).says("port is already allocated");
        docker.ok("run -d --name all -P --expose 5002/sctp busybox sleep 60");
        assertThat(hostPort("all", "5002/sctp")).isBetween(32_768, 60_999);
        docker.run("run --rm -p 15355:5000/dccp busybox true").exits(125).says("dccp");
    }

    @Test
    void aTakenPortIsRefused() {
        docker.ok("run -d --name web -p 18082:80 busybox sleep 60");
        docker.run("run --name other -p 18082:80 busybox true")
                .exits(125)
                .saysMatch(
                        "driver failed programming external connectivity on endpoint other .*Bind for (0\\.0\\.0\\.0|:::?|\\[::\\]):18082 failed: port is already allocated");
        docker.ok("rm -f web");
        docker.ok("start -a other");
    }

    @Test
    void throughTheNodesOwnAddress() {
        applications().server("web", 80, "-p 18083:80");
        docker.ok("run -d --name other busybox sleep 60");
        String gateway = docker.value("web", "{{.NetworkSettings.Gateway}}");
        assertThat(applications().askFrom("other", gateway, 18083)).isEqualTo("web");
        assertThat(applications().ask(gateway, 18083)).isEqualTo("web");
    }

    @Test
    void itselfThroughTheNode() {
        docker.ok("run -d --name web -p 18084:80 busybox sh -c 'while true; do echo self | nc -l -p 80; done'");
        assertThat(applications().askFrom("web", docker.value("web", "{{.NetworkSettings.Gateway}}"), 18084))
                .isEqualTo("self");
    }

    @Test
    void onANetworkOfOnesOwn() {
        docker.probe("network create lan").ok();
        applications().server("web", 80, "--network lan -p 18085:80");
        assertThat(applications().ask("127.0.0.1", 18085)).isEqualTo("web");
        docker.ok("restart -t 0 web");
        assertThat(applications().ask("127.0.0.1", 18085)).isEqualTo("web");
        docker.ok("network disconnect lan web");
        assertThat(applications().inNetwork("nc", "-w", "1", "127.0.0.1", "18085"))
                .isEmpty();
    }

    @Test
    void whatIsNoPortIsRefused() {
        docker.run("run --rm -p 70000:80 busybox true").exits(125).says("70000");
        docker.run("run --rm -p 80:nosuch busybox true").exits(125).says("nosuch");
        docker.run("run --rm -p 1.2.3:80:80 busybox true").exits(125).says("1.2.3");
    }
}
