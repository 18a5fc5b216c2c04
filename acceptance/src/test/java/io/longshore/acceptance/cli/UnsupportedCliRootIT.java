package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

/** What later work brings: until then a refusal that says so, never a hang or half an effect. */
class UnsupportedCliRootIT extends CliCases {
    private static final String WHY = "Docker Engine has this";

    private void refused(String line, String part) {
        Outcome outcome = docker.run(line);
        assertThat(outcome.code()).as("exit code of %s", outcome).isNotZero();
        assertThat(outcome.err()).as("errors of %s", outcome).containsIgnoringCase(part);
    }

    @Test
    @LongshoreOnly(WHY)
    void buildNamesTheWayThatWorks() throws IOException {
        write("Dockerfile", Docker.bytes("FROM busybox\n"));
        Outcome outcome = docker.probe("build .");
        assertThat(outcome.code()).as("exit code of %s", outcome).isNotZero();
        assertThat(outcome.err() + outcome.out())
                .as("output of %s", outcome)
                .contains("docker build is not there yet", "\"docker pull\", \"docker load\" or \"docker import\"");
    }

    @Test
    @LongshoreOnly(WHY)
    void searchNamesTheWayThatWorks() {
        refused("search busybox", "docker pull");
    }

    @Test
    @LongshoreOnly(WHY)
    void swarmIsNotThereYet() {
        refused("swarm init", "swarm");
        refused("service ls", "docker service");
    }
}
