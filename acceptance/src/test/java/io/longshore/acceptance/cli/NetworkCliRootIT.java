package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import org.junit.jupiter.api.Test;

/** {@code docker network create, inspect, rm, prune, connect, disconnect}. */
class NetworkCliRootIT extends CliCases {
    @Test
    void createsInspectsAndRemoves() {
        docker.probe("network create lan").ok().printsMatch("^[0-9a-f]{64}\n$");
        docker.ok(
                        "network inspect --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.EnableIPv6}} {{len .Containers}}' lan")
                .prints("lan bridge local false false 0\n");
        docker.ok("network ls --filter type=custom --format {{.Name}}").prints("lan\n");
        docker.ok("network rm lan").prints("lan\n");
        docker.run("network inspect lan").exits(1);
    }

    @Test
    void createsWithEverything() {
        docker.probe("network create --subnet 10.77.0.0/24 --ip-range 10.77.0.128/25 --gateway 10.77.0.254"
                        + " --aux-address printer=10.77.0.129 --label tier=back --internal --attachable"
                        + " -o com.docker.network.bridge.name=lan77 -o com.docker.network.driver.mtu=1400 lan")
                .ok();
        docker.ok(
                        "network inspect --format '{{json .IPAM.Config}} {{json .Options}} {{json .Labels}} {{.Internal}} {{.Attachable}}' lan")
                .prints("[{\"Subnet\":\"10.77.0.0/24\",\"IPRange\":\"10.77.0.128/25\",\"Gateway\":\"10.77.0.254\","
                        + "\"AuxiliaryAddresses\":{\"printer\":\"10.77.0.129\"}}]"
                        + " {\"com.docker.network.bridge.name\":\"lan77\",\"com.docker.network.driver.mtu\":\"1400\"}"
                        + " {\"tier\":\"back\"} true true\n");
        docker.probe("run -d --name one --network lan busybox sleep 60").ok();
        docker.ok("inspect --format '{{.NetworkSettings.Networks.lan.IPAddress}}' one");
        docker.ok("exec one cat /sys/class/net/eth0/mtu").prints("1400\n");
        docker.ok("network ls -q --filter label=tier=back --format {{.Name}}").prints("lan\n");
    }

    @Test
    void gatewayAndNameTakeEffect() {
        docker.probe(
                        "network create --subnet 10.79.0.0/24 --gateway 10.79.0.254 -o com.docker.network.bridge.name=lan79 lan")
                .ok();
        docker.probe("run -d --name one --network lan busybox sleep 60").ok();
        docker.ok("exec one ip route show default").printsPart("default via 10.79.0.254 dev eth0");
        docker.probe("exec one ping -c 1 -W 1 10.79.0.254").ok();
        docker.probe("run --rm --network host busybox ip addr show lan79").ok().printsPart("inet 10.79.0.254/24");
        docker.ok("network disconnect --force lan one");
        docker.run("network disconnect --force lan one").exits(1).says("is not connected to");
    }

    @Test
    void refusesWhatCannotBeMade() {
        docker.probe("network create --subnet 10.78.0.0/24 lan").ok();
        docker.run("network create lan").exits(1).says("network with name lan already exists");
        docker.run("network create --subnet 10.78.0.0/25 other")
                .exits(1)
                .says("Pool overlaps with other one on this address space");
        docker.run("network create bridge").exits(1).says("operation is not permitted on predefined bridge network");
        docker.run("network create -d host mine").exits(1).says("only one instance of \"host\" network is allowed");
        docker.run("network create -d weave mine").exits(1).saysMatch("plugin \"?weave\"? not found");
        docker.ok("network ls --filter type=custom --format {{.Name}}").prints("lan\n");
    }

    @Test
    void refusesToRemoveWhatIsInUse() {
        docker.probe("network create lan").ok();
        docker.probe("run -d --name one --network lan busybox sleep 60").ok();
        docker.run("network rm lan").exits(1).says("has active endpoints");
        docker.run("network rm bridge").exits(1).says("bridge is a pre-defined network and cannot be removed");
        docker.run("network rm nosuch").exits(1).saysMatch("network nosuch not found|No such network: nosuch");
        docker.probe("rm -f one").ok();
        docker.ok("network rm lan").prints("lan\n");
    }

    @Test
    void aStoppedContainerDoesNotKeepItsNetwork() {
        docker.probe("network create lan").ok();
        docker.ok("create --name one --network lan busybox true");
        docker.ok("network rm lan").prints("lan\n");
        docker.probe("start one").exits(1).saysMatch("network .* not found");
    }

    @Test
    void prunes() {
        docker.probe("network create used").ok();
        docker.probe("network create --label keep=yes kept").ok();
        docker.probe("network create loose").ok();
        docker.probe("run -d --name one --network used busybox sleep 60").ok();
        docker.ok("network prune -f --filter label!=keep=yes").prints("Deleted Networks:\nloose\n\n");
        docker.ok("network ls --filter type=custom --format {{.Name}}").prints("kept\nused\n");
        docker.ok("network prune -f").prints("Deleted Networks:\nkept\n\n");
        docker.ok("network prune -f").prints("");
    }

    @Test
    void connectsAndDisconnectsWhileItRuns() {
        docker.probe("network create front").ok();
        docker.probe("network create back").ok();
        docker.probe("run -d --name one --network front busybox sleep 60").ok();
        docker.ok("exec one ls /sys/class/net").prints("eth0\nlo\n");
        docker.ok("network connect --alias db back one");
        docker.ok("exec one ls /sys/class/net").prints("eth0\neth1\nlo\n");
        docker.ok("network inspect --format '{{range .Containers}}{{.Name}}{{end}}' back")
                .prints("one\n");
        docker.run("network connect back one")
                .exits(1)
                .saysMatch("endpoint with name one already exists in network back");
        docker.ok("network disconnect front one");
        docker.ok("exec one ls /sys/class/net").prints("eth1\nlo\n");
        docker.ok("network inspect --format '{{len .Containers}}' front").prints("0\n");
        docker.run("network disconnect front one").exits(1).says("is not connected to");
        docker.ok("network disconnect back one");
        docker.ok("exec one ls /sys/class/net").prints("lo\n");
    }

    @Test
    void connectsBeforeItRuns() {
        docker.probe("network create front").ok();
        docker.probe("network create back").ok();
        docker.probe("create --name one --network front busybox sleep 60").ok();
        docker.ok("network connect back one");
        docker.ok("network inspect --format '{{len .Containers}}' back").prints("0\n");
        docker.ok("start one");
        docker.ok("exec one ls /sys/class/net").prints("eth0\neth1\nlo\n");
        docker.ok("stop -t 0 one");
        docker.ok("network disconnect front one");
        docker.ok("start one");
        docker.ok("exec one ls /sys/class/net").prints("eth0\nlo\n");
        docker.ok("inspect --format '{{range $name, $net := .NetworkSettings.Networks}}{{$name}} {{end}}' one")
                .prints("back \n");
    }

    @Test
    void refusesToConnectWhatCannotBe() {
        docker.probe("network create lan").ok();
        docker.probe("run -d --name hosty --network host busybox sleep 60").ok();
        docker.probe("run -d --name lonely --network none busybox sleep 60").ok();
        docker.probe("run -d --name one --network lan busybox sleep 60").ok();
        docker.run("network connect lan nosuch").exits(1).says("No such container: nosuch");
        docker.run("network connect nosuch one").exits(1).saysMatch("network nosuch not found|No such network: nosuch");
        docker.run("network connect lan hosty")
                .exits(1)
                .says(
                        "container sharing network namespace with another container or host cannot be connected to any other network");
        docker.run("network connect lan lonely")
                .exits(1)
                .says(
                        "container cannot be connected to multiple networks with one of the networks in private (none) mode");
        docker.run("network connect host one")
                .exits(1)
                .says("container cannot be disconnected from host network or connected to host network");
    }

    @Test
    void staticAddresses() {
        docker.probe("network create --subnet 10.79.0.0/24 lan").ok();
        docker.probe("network create loose").ok();
        docker.probe("run --rm --network lan --ip 10.79.0.77 busybox ip -o -4 address show eth0")
                .ok()
                .printsPart("10.79.0.77/24");
        if (subject.longshore()) {
            docker.probe(
                            "run --rm --network lan --ip 10.79.0.78 --mac-address 02:00:00:00:00:09 busybox cat /sys/class/net/eth0/address")
                    .ok()
                    .prints("02:00:00:00:00:09\n");
        }
        docker.probe("run -d --name one --network lan --ip 10.79.0.77 busybox sleep 60")
                .ok();
        docker.run("run --rm --name two --network lan --ip 10.79.0.77 busybox true")
                .exits(125)
                .says("Address already in use");
        docker.run("run --rm --network lan --ip 10.80.0.1 busybox true")
                .exits(125)
                .says("Invalid address 10.80.0.1: It does not belong to any of this network's subnets");
        docker.run("run --rm --network loose --ip 172.19.0.9 busybox true")
                .exits(125)
                .says("only when connecting to networks with user configured subnets");
        docker.ok("stop -t 0 one");
        docker.ok("run --rm --network lan --ip 10.79.0.77 busybox true");
    }

    @Test
    void addressesOfThoseThatDoNotRunAreFree() {
        docker.probe("network create --subnet 10.81.0.0/29 lan").ok();
        for (int i = 0; i < 8; i++) {
            docker.ok("run --name c" + i + " --network lan busybox true");
        }
        docker.ok("run -d --name last --network lan busybox sleep 60");
        docker.ok("start -a c0");
        assertThat(docker.value("last", "{{.NetworkSettings.Networks.lan.IPAddress}}"))
                .startsWith("10.81.0.");
    }

    @Test
    void tellsItsEvents() {
        docker.probe("network create lan").ok();
        docker.probe("run -d --name one --network lan busybox sleep 60").ok();
        docker.probe("network disconnect lan one").ok();
        docker.probe("network connect lan one").ok();
        String id = docker.value("one", "{{.Id}}");
        String network = docker.probe("network inspect --format {{.Id}} lan").text();
        docker.probe("rm -f one").ok();
        docker.probe("network rm lan").ok();
        // A moment from now: it waits for that, and whatever is told late.
        String until = String.valueOf(Instant.now().getEpochSecond() + 1);
        assertThat(docker.probe("events --since 5m --until " + until + " --filter network=" + network
                                + " --format '{{.Action}} {{.Actor.Attributes.container}}'")
                        .ok()
                        .out()
                        .replace(id, "ID"))
                .contains("create <no value>\nconnect ID\ndisconnect ID\n", "disconnect ID\ndestroy <no value>\n");
    }

    @Test
    void aNetworkThatIsNotThere() {
        docker.run("run --rm --name lost --network nosuch busybox true")
                .exits(125)
                .says("network nosuch not found");
        docker.run("run --rm --network container:nosuch busybox true")
                .exits(125)
                .says("No such container: nosuch");
    }

    @Test
    @LongshoreOnly("Docker Engine has overlay networks as a swarm only")
    void anOverlayNetworkIsABridgeNetworkWhereThereIsOneNode() {
        docker.probe("network create -d overlay --attachable wide").ok().printsMatch("^[0-9a-f]{64}\n$");
        docker.ok("network inspect --format '{{.Driver}} {{.Scope}} {{.Attachable}}' wide")
                .prints("overlay swarm true\n");
        docker.ok("network ls --filter driver=overlay --format '{{.Name}} {{.Scope}}'")
                .prints("wide swarm\n");
        docker.ok("run -d --name one --network wide --network-alias first busybox sleep 60");
        docker.ok("run --rm --name two --network wide busybox ping -c 1 -W 1 first");
        docker.ok("exec one cat /sys/class/net/eth0/mtu").prints("1450\n");
        docker.run("network create -d overlay --opt encrypted secret").exits(1).says("not encrypted; leave it out");
        docker.run("network rm wide").exits(1).says("has active endpoints");
        docker.ok("rm -f one");
        docker.ok("network rm wide").prints("wide\n");
    }
}
