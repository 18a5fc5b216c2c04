package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** The machines of the fleet, of which there is one here. */
class NodeCliRootIT extends CliCases {
    private static final String WHY = "Docker Engine has nodes in swarm mode alone";

    @Test
    @LongshoreOnly(WHY)
    void theMachineIsTheNodeOfItsFleet() {
        String name = docker.probe("info --format {{.Name}}").ok().out().strip();
        docker.ok("node ls --format {{.Hostname}}/{{.Status}}/{{.Availability}}")
                .prints(name + "/Ready/Active\n");
        String id = docker.probe("node ls -q").ok().out().strip();
        docker.ok("node inspect --format {{.ID}}/{{.Description.Platform.OS}}/{{.Spec.Role}} " + name)
                .prints(id + "/linux/worker\n");
        docker.ok("node inspect --format {{.Description.Resources.NanoCPUs}} " + id.substring(0, 6))
                .prints(docker.probe("info --format {{.NCPU}}").ok().out().strip() + "000000000\n");
        docker.ok("node ls -q --filter name=" + name).prints(id + "\n");
        docker.ok("node ls -q --filter role=manager").prints("");
        Outcome nobody = docker.probe("node inspect nobody");
        assertThat(nobody.code()).isNotZero();
        assertThat(nobody.err())
                .containsPattern("No such node: nobody|node nobody not found"); // by the release of the client
    }

    @Test
    @LongshoreOnly(WHY)
    void aNodeIsLabelled() {
        String id = docker.probe("node ls -q").ok().out().strip();
        docker.probe("node update --label-add zone=harbour " + id).ok();
        try {
            docker.ok("node inspect --format {{.Spec.Labels.zone}} " + id).prints("harbour\n");
            docker.ok("node ls -q --filter node.label=zone=harbour").prints(id + "\n");
        } finally {
            docker.probe("node update --label-rm zone " + id).ok();
        }
        docker.ok("node ls -q --filter node.label=zone").prints("");
        docker.probe("node update --availability drain " + id).ok();
        try {
            docker.ok("node inspect --format {{.Spec.Availability}} " + id).prints("drain\n");
        } finally {
            docker.probe("node update --availability active " + id).ok();
        }
        refused("node update --role manager " + id, "all nodes are workers");
        refused("node rm " + id, "runs beside fleet-service");
        refused("node rm --force " + id, "runs beside fleet-service");
    }

    @Test
    @LongshoreOnly(WHY)
    void whatIsOnANodeIsListed() {
        String node = docker.probe("info --format {{.Name}}").ok().out().strip();
        docker.ok("node ps " + node).printsPart("CURRENT STATE");
        docker.probe("run -d --name runs --network none --label tier=front busybox sleep 600")
                .ok();
        docker.probe("run --name ends --network none busybox sh -c 'exit 3'").exits(3);
        String format = " --format '{{.Name}} {{.Image}} {{.Node}} {{.DesiredState}}' ";
        docker.ok("node ps" + format + node)
                .printsPart("runs.1 busybox " + node + " Running\n")
                .printsPart("ends.1 busybox " + node + " Shutdown\n");
        docker.ok("node ps" + format + "--filter name=runs " + node).prints("runs.1 busybox " + node + " Running\n");
        docker.ok("node ps" + format + "--filter label=tier=front " + node)
                .prints("runs.1 busybox " + node + " Running\n");
        docker.ok("node ps" + format + "--filter desired-state=shutdown " + node)
                .prints("ends.1 busybox " + node + " Shutdown\n");
        docker.ok("node ps --format {{.CurrentState}} --filter name=runs " + node)
                .printsPart("Running ");
        String id = docker.value("runs", "{{.Id}}");
        docker.ok("node ps -q --no-trunc --filter name=runs " + node).prints(id + "\n");
        refused("node ps --filter desired-state=well " + node, "desired-state=well");
        refused("node ps nobody", "nobody");
    }

    private void refused(String line, String reason) {
        Outcome outcome = docker.probe(line);
        assertThat(outcome.code()).as("exit code of %s", outcome).isNotZero();
        assertThat(outcome.err()).as("errors of %s", outcome).contains(reason);
    }
}
