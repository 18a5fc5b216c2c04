package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.process.Await;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** {@code --link}, which on the default bridge is a line in /etc/hosts and variables, and on any other network a name. */
class LinkCliRootIT extends CliCases {
    private Applications applications() {
        return new Applications(docker);
    }

    /** What a container is told of another, without the addresses, which differ by engine. */
    private static final String TOLD = "sh -c 'env | grep DB_ | sort | sed -E s/[0-9]+[.][0-9.]+/ADDRESS/'";

    private void hasNoLinks(String container) {
        assertThat(docker.probe("inspect -f '{{json .HostConfig.Links}}' " + container)
                        .ok()
                        .text())
                .isIn("null", "[]");
    }

    private String awaitOutput(String line, String part) {
        String output = Await.answer(
                Duration.ofSeconds(10), () -> docker.probe(line).ok().out(), said -> said.contains(part));
        assertThat(output).as(line).contains(part);
        return output;
    }

    private Outcome refused(String line) {
        Outcome outcome = docker.run(line);
        assertThat(outcome.code()).as(line).isNotZero();
        return outcome;
    }

    @Test
    void aliasAndNameLeadToTheOther() {
        applications().server("web", 80, "--hostname shop");
        docker.ok("run -d --name app --link web:db busybox sleep 600");
        String address = applications().address("web", "bridge");
        assertThat(docker.probe("exec app cat /etc/hosts").out()).contains(address + "\tdb shop web\n");
        assertThat(applications().askFrom("app", "db", 80)).isEqualTo("web");
        assertThat(docker.ok("inspect -f '{{json .HostConfig.Links}}' app").text())
                .isEqualTo("[\"/web:/app/db\"]");
        assertThat(docker.ok("ps --no-trunc --filter name=web --format {{.Names}}")
                        .out())
                .isEqualTo("app/db,web\n");
        assertThat(docker.ok("ps --filter name=web --format {{.Names}}").out()).isEqualTo("web\n");
    }

    /** A link to one that shares a network is a link to whose network it is; its mounts and processes are its own all the same. */
    @Test
    void aLinkChangesNothingElse() {
        docker.ok("run -d --name db busybox sleep 600");
        docker.ok("run -d --name web --network container:db -v /data busybox sleep 601");
        docker.ok(
                        "run --name app --link web:w --volumes-from web --pid container:web busybox"
                                + " sh -c 'ls -d /data; ps -o args | grep -c [s]leep.601; ps -o args | grep -c [s]leep.600; true'")
                .printsPart("/data\n1\n0\n");
    }

    @Test
    void variablesTellOfPortsAndEnvironment() {
        docker.ok("run -d --name web --expose 80 --expose 7000-7002 --expose 53/udp -e COLOUR=red -e HOME=/x"
                + " busybox sleep 600");
        docker.ok("run -d --name app --link web:my-db -e MY_DB_ENV_COLOUR=blue busybox sleep 600");
        assertThat(docker.ok("exec app " + TOLD).out())
                .contains("MY_DB_NAME=/app/my-db\n")
                .contains("MY_DB_PORT_53_UDP=udp://ADDRESS:53\n")
                .contains("MY_DB_PORT_7000_TCP_END=tcp://ADDRESS:7002\n")
                .contains("MY_DB_ENV_COLOUR=blue\n")
                .doesNotContain("HOME", "PATH");
        docker.ok("run --name app2 --link web:db busybox " + TOLD);
        docker.ok("run -d --name app3 --link web:db --health-cmd 'test $DB_ENV_COLOUR = red' --health-interval 1s"
                + " busybox sleep 600");
        awaitOutput("inspect -f {{.State.Health.Status}} app3", "healthy\n");
    }

    @Test
    void oneThatDoesNotRunCannotBeLinkedTo() {
        docker.ok("create --name web busybox sleep 600");
        docker.ok("create --name app --link web:db busybox sleep 600");
        refused("start app").says("Cannot link to a non running container: /web AS /app/db");
        docker.ok("start web");
        docker.ok("start app");
        docker.ok("stop -t 0 web");
        refused("restart -t 0 app").says("Cannot link to a non running container: /web AS /app/db");
    }

    @Test
    @LongshoreOnly("Docker Engine goes on to look for the container, and no longer starts the other")
    void aLinkGoesWithTheContainer() {
        docker.ok("run -d --name web busybox sleep 600");
        docker.ok("run -d --name app --link web:db busybox sleep 600");
        docker.ok("rm -f web");
        hasNoLinks("app");
        docker.ok("restart -t 0 app");
        hostsHaveNoLink("app");
    }

    /** As a word: ids, of which the host's name is one, may begin with it. */
    private void hostsHaveNoLink(String container) {
        assertThat(docker.probe("exec " + container + " cat /etc/hosts").ok().out())
                .doesNotContainPattern("\\b(db|web)\\b");
    }

    @Test
    void whatCannotBeLinkedIsRefused() {
        refused("create --link nosuch:db busybox true").says("could not get container for nosuch");
        docker.ok("run -d --name node --network host busybox sleep 600");
        refused("run --link node:db busybox true");
        refused("run --network host --link node:db busybox true");
        refused("run --link a:b:c busybox true");
    }

    @Test
    void aLinkIsRemovedAndBothStay() {
        docker.ok("run -d --name web busybox sleep 600");
        docker.ok("run -d --name app --link web:db busybox sleep 600");
        refused("rm --link app");
        refused("rm --link app/nosuch");
        docker.ok("rm --link app/db");
        refused("rm --link app/db");
        hasNoLinks("app");
        assertThat(docker.ok("ps --format {{.Names}}").out().lines()).containsExactlyInAnyOrder("app", "web");
        docker.ok("restart -t 0 app");
        hostsHaveNoLink("app");
    }

    @Test
    void theLineFollowsTheOthersAddress() {
        docker.ok("run -d --name web busybox sleep 600");
        docker.ok("run -d --name app --link web:db busybox sleep 600");
        String before = applications().address("web", "bridge");
        assertThat(docker.probe("exec app cat /etc/hosts").ok().out()).contains(before + "\tdb ");
        docker.ok("stop -t 0 web");
        docker.ok("network disconnect bridge web");
        docker.ok("run -d --name another busybox sleep 600");
        docker.ok("network connect bridge web");
        docker.ok("start web");
        String after = applications().address("web", "bridge");
        assertThat(after).isNotEmpty().isNotEqualTo(before);
        String line = after + "\tdb ";
        assertThat(awaitOutput("exec app cat /etc/hosts", line)).containsOnlyOnce("\tdb ");
    }

    @Test
    void onANetworkOfOnesOwnItIsAName() {
        docker.probe("network create lan").ok();
        applications().server("web", 80, "--network lan");
        docker.ok("run -d --name app --network lan --link web:db busybox sleep 600");
        assertThat(applications().lookUp("app", "db"))
                .containsExactly(applications().address("web", "lan"));
        assertThat(applications().askFrom("app", "db", 80)).isEqualTo("web");
        assertThat(docker.ok("exec app env").out()).doesNotContain("DB_NAME");
    }
}
