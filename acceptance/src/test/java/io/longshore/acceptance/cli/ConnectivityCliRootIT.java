package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Who reaches whom, by which name: containers among each other, and the node. */
class ConnectivityCliRootIT extends CliCases {
    private Applications applications() {
        return new Applications(docker);
    }

    @Test
    void namesOnANetworkOfOnesOwn() {
        docker.probe("network create lan").ok();
        applications().server("web", 80, "--network lan --network-alias www");
        docker.ok("run -d --name other --network lan busybox sleep 60");
        String address = applications().address("web", "lan");
        assertThat(applications().lookUp("other", "web")).containsExactly(address);
        assertThat(applications().lookUp("other", "www")).containsExactly(address);
        assertThat(applications().lookUp("other", docker.value("web", "{{.Id}}").substring(0, 12)))
                .containsExactly(address);
        assertThat(applications().lookUp("other", "web.lan")).containsExactly(address);
        assertThat(applications().lookUp("other", "nosuch")).isEmpty();
        assertThat(applications().askFrom("other", address, 80)).isEqualTo("web");
        assertThat(docker.probe("exec other nslookup " + address + " 127.0.0.11")
                        .out())
                .contains("web.lan");
    }

    @Test
    void severalContainersHaveOneName() {
        docker.probe("network create lan").ok();
        docker.ok("run -d --name one --network lan --network-alias pool busybox sleep 60");
        docker.ok("run -d --name two --network lan --network-alias pool busybox sleep 60");
        List<String> both =
                List.of(applications().address("one", "lan"), applications().address("two", "lan"));
        assertThat(applications().lookUp("one", "pool")).containsExactlyInAnyOrderElementsOf(both);
        docker.ok("stop -t 0 two");
        assertThat(applications().lookUp("one", "pool")).containsExactly(both.getFirst());
    }

    @Test
    void namesFollowRenameAndConnect() {
        docker.probe("network create lan").ok();
        docker.probe("network create far").ok();
        docker.ok("run -d --name one --network lan busybox sleep 60");
        docker.ok("run -d --name two --network far busybox sleep 60");
        assertThat(applications().lookUp("one", "two")).isEmpty();
        docker.ok("network connect --alias db lan two");
        String address = applications().address("two", "lan");
        assertThat(applications().lookUp("one", "two")).containsExactly(address);
        assertThat(applications().lookUp("one", "db")).containsExactly(address);
        docker.ok("rename two three");
        assertThat(applications().lookUp("one", "three")).containsExactly(address);
        docker.ok("network disconnect lan three");
        assertThat(applications().lookUp("one", "three")).isEmpty();
    }

    @Test
    void theDefaultBridgeHasNoNames() {
        applications().server("web", 80, "");
        docker.ok("run -d --name other busybox sleep 60");
        String address = applications().address("web", "bridge");
        assertThat(docker.value("web", "{{.NetworkSettings.IPAddress}}")).isEqualTo(address);
        assertThat(applications().askFrom("other", address, 80)).isEqualTo("web");
        assertThat(docker.ok("exec other cat /etc/resolv.conf").out()).doesNotContain("127.0.0.11");
        assertThat(docker.probe("exec other cat /etc/hosts").out())
                .contains(applications().address("other", "bridge") + "\t"
                        + docker.value("other", "{{.Config.Hostname}}"));
    }

    @Test
    void networksAreKeptApart() {
        docker.probe("network create lan").ok();
        docker.probe("network create far").ok();
        applications().server("web", 80, "--network lan");
        docker.ok("run -d --name far1 --network far busybox sleep 60");
        docker.ok("run -d --name near --network lan busybox sleep 60");
        String address = applications().address("web", "lan");
        assertThat(applications().askFrom("near", address, 80)).isEqualTo("web");
        assertThat(applications().onceFrom("far1", address, 80)).isEmpty();
        docker.ok("network connect lan far1");
        assertThat(applications().askFrom("far1", address, 80)).isEqualTo("web");
    }

    @Test
    void containersOfOneNetworkCanBeKeptApart() {
        docker.probe("network create -o com.docker.network.bridge.enable_icc=false lan")
                .ok();
        applications().server("web", 80, "--network lan");
        docker.ok("run -d --name other --network lan busybox sleep 60");
        assertThat(applications().onceFrom("other", applications().address("web", "lan"), 80))
                .isEmpty();
    }

    @Test
    void anInternalNetworkLeadsNowhere() {
        docker.probe("network create --internal lan").ok();
        if (subject.longshore()) {
            docker.probe("run --rm --network lan busybox ip -4 route show default")
                    .ok()
                    .prints("");
        }
        applications().server("web", 80, "--network lan");
        docker.ok("run -d --name other --network lan busybox sleep 60");
        assertThat(applications().askFrom("other", applications().address("web", "lan"), 80))
                .isEqualTo("web");
    }

    @Test
    void oneSharesTheNetworkOfAnother() {
        docker.probe("network create lan").ok();
        applications().server("web", 80, "--network lan");
        docker.ok("run -d --name side --network container:web busybox sleep 60");
        assertThat(applications().askFrom("side", "127.0.0.1", 80)).isEqualTo("web");
        assertThat(docker.probe("exec side hostname").text())
                .isEqualTo(docker.probe("exec web hostname").text());
        docker.ok("stop -t 0 web side");
        docker.run("start side").exits(1).saysMatch("cannot join network of a non running container: [0-9a-f]{64}");
        docker.run("run --rm -p 80 --network container:web busybox true")
                .exits(125)
                .says("conflicting options: port publishing and the container type network mode");
    }

    @Test
    void hostsAndResolver() {
        docker.probe("network create lan").ok();
        docker.probe("run --rm --network lan --add-host db:10.0.0.9 --hostname h busybox cat /etc/hosts")
                .ok()
                .printsPart("10.0.0.9\tdb\n");
        // Its lines come in the order of Docker Engine 25, which is not that of 20.10.
        docker.probe(
                        "run --rm --network lan --dns-search example.org --dns-option timeout:3 busybox cat /etc/resolv.conf")
                .ok()
                .printsPart("nameserver 127.0.0.11\n")
                .printsPart("search example.org\n");
        docker.ok("run --rm --dns 10.0.0.53 busybox cat /etc/resolv.conf").printsPart("nameserver 10.0.0.53\n");
        assertThat(docker.probe("run --rm --add-host gw:host-gateway busybox cat /etc/hosts")
                        .out())
                .containsPattern("172\\.[0-9.]+\tgw\n");
    }

    @Test
    void noneHasNothingAndHostHasAll() {
        docker.ok("run --rm --network none busybox ls /sys/class/net").prints("lo\n");
        docker.ok("run --rm busybox ls /sys/class/net").prints("eth0\nlo\n");
        docker.probe("run --rm --network host busybox ls /sys/class/net").ok().printsMatch("(docker0|br[0-9]+[a-z])\n");
    }

    @Test
    void ipv6OnlyWhereItIsWanted() {
        docker.probe("network create --ipv6 --subnet fd00:77::/64 six").ok();
        docker.probe("network create four").ok();
        docker.probe("run --rm --network four busybox cat /proc/net/if_inet6")
                .ok()
                .printsNone("eth0");
        applications().server("web", 80, "--network six --ip6 fd00:77::77");
        docker.ok("run -d --name other --network six busybox sleep 60");
        assertThat(docker.value("web", "{{.NetworkSettings.Networks.six.GlobalIPv6Address}}"))
                .isEqualTo("fd00:77::77");
        docker.probe("exec other ping -6 -c 1 -W 5 fd00:77::77").ok().printsPart("1 packets received");
    }

    /** What is off leaves no address behind that the kernel makes itself (CVE-2024-32473), on later networks neither. */
    @Test
    void whereIpv6IsNotWantedItIsOff() {
        docker.probe("network create --ipv6 --subnet fd00:78::/64 six").ok();
        docker.probe("network create four").ok();
        docker.ok("run -d --name one --network four busybox sleep 60");
        docker.ok("run -d --name two --network six busybox sleep 60");
        docker.ok("network connect bridge one");
        docker.ok("network connect four two");
        for (String each : new String[] {"one eth0", "one eth1", "two eth1"}) {
            String[] where = each.split(" ");
            docker.probe("exec " + where[0] + " cat /proc/sys/net/ipv6/conf/" + where[1] + "/disable_ipv6")
                    .ok()
                    .prints("1\n");
            docker.probe("exec " + where[0] + " cat /proc/net/if_inet6").ok().printsNone(where[1]);
        }
        docker.probe("exec two cat /proc/sys/net/ipv6/conf/eth0/disable_ipv6").prints("0\n");
        docker.probe("exec two cat /proc/net/if_inet6").printsMatch("(?m)^fe80.* eth0$");
    }

    /** As after the reload of a firewall (CVE-2025-54388, CVE-2025-54410). */
    @Test
    @LongshoreOnly("Docker Engine 20.10 makes its rules once")
    void isolationIsBackWhenTheRulesAreGone() throws Exception {
        docker.probe("network create lan").ok();
        docker.probe("network create far").ok();
        docker.probe("network create --internal inner").ok();
        applications().server("web", 80, "--network lan -p 18200:80");
        docker.ok("run -d --name far1 --network far busybox sleep 60");
        docker.ok("run -d --name inner1 --network inner busybox sleep 60");
        String address = applications().address("web", "lan");
        String table = ((Longshore) docker.engine()).firewallTable();
        assertThat(nft("delete", "table", "inet", table)).isZero();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
        while (nft("get", "element", "inet", table, "ports4", "{ tcp . 18200 }") != 0) {
            assertThat(System.nanoTime()).as("the rules are back").isLessThan(end);
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(applications().onceFrom("far1", address, 80)).isEmpty();
        assertThat(applications().onceFrom("inner1", address, 80)).isEmpty();
        assertThat(applications().askFrom("far1", gateway("far"), 18200)).isEqualTo("web");
        assertThat(applications().onceFrom("inner1", gateway("inner"), 18200)).isEmpty();
        assertThat(applications().ask("127.0.0.1", 18200)).isEqualTo("web");
    }

    private String gateway(String network) {
        return docker.engine()
                .call(Request.get("/networks/" + network))
                .json()
                .at("/IPAM/Config/0/Gateway")
                .asString();
    }

    private static int nft(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of("nft"));
        command.addAll(List.of(words));
        return new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start()
                .waitFor();
    }
}
