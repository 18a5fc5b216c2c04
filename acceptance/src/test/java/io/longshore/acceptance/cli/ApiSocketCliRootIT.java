package io.longshore.acceptance.cli;

import io.longshore.testbed.engine.Longshore;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/**
 * The engine's socket in a container, as Traefik's Docker provider and Portainer want it. The client is the node's own docker command. What it
 * may is what the socket's owner, group and mode say, in the container as on the node.
 */
class ApiSocketCliRootIT extends CliCases {
    private static final String COMMAND = "/usr/bin/docker";
    private static final String NOBODY = "65534:65534";

    private String run(String options, String command) {
        return "run --rm --network none -v " + docker.engine().socket() + ":/var/run/docker.sock " + client() + " "
                + options + " busybox " + COMMAND + " " + command;
    }

    /** The docker command and the libraries that it is linked to. */
    private static String client() {
        return "-e HOME=/ -v /usr:/usr:ro -v /lib:/lib:ro -v /lib64:/lib64:ro";
    }

    @Test
    void rootSeesAndStopsContainers() {
        docker.ok("run -d --name one --network none busybox sleep 60");
        docker.ok(run("", "ps --filter name=one --format '{{.Names}} {{.Image}}'"))
                .prints("one busybox\n");
        docker.ok(run("", "inspect --format '{{.State.Status}} {{.Config.Cmd}}' one"))
                .prints("running [sleep 60]\n");
        docker.ok(run("", "exec one echo from inside")).prints("from inside\n");
        docker.ok(run("", "kill one")).prints("one\n");
        docker.ok("wait one").prints("137\n");
        String id = docker.value("one", "{{.Id}}");
        docker.probe(run(
                        "",
                        "events --since 5m --until "
                                + Instant.now().plusSeconds(1).getEpochSecond()
                                + " --filter container=" + id
                                + " --filter event=create --filter event=start --filter event=die"
                                + " --format '{{.Action}}'"))
                .ok()
                .prints("create\nstart\ndie\n");
        docker.run(run("", "inspect nosuch")).exits(1).says("No such object: nosuch");
    }

    @Test
    void othersNeedTheSocketsGroup() throws IOException {
        int group = (Integer) Files.getAttribute(docker.engine().socket(), "unix:gid");
        docker.ok("create --name one --network none busybox true");
        docker.run(run("--user " + NOBODY, "ps -a")).exits(1).says("permission denied");
        docker.probe(run("--user " + NOBODY + " --group-add " + group, "ps -a --format {{.Names}} --filter name=one"))
                .ok()
                .prints("one\n");
    }

    /** The socket is a new one then, which a container finds that has its directory. */
    @LongshoreOnly("containers end with Docker Engine")
    @Test
    void whoHasTheDirectoryHasTheApiAfterARestartToo() {
        Longshore longshore = (Longshore) docker.engine();
        String socket = "unix:///api/" + longshore.socket().getFileName();
        docker.probe("run -d --name agent --network none -v "
                        + longshore.socket().getParent() + ":/api " + client() + " -e DOCKER_HOST=" + socket
                        + " busybox sleep 600")
                .ok();
        docker.ok("exec agent " + COMMAND + " ps --format {{.Names}}").prints("agent\n");
        longshore.crash();
        longshore.restart();
        docker.ok("exec agent " + COMMAND + " ps --format {{.Names}}").prints("agent\n");
    }
}
