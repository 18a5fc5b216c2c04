package io.longshore.acceptance.cli;

import io.longshore.testbed.process.Await;
import io.longshore.testbed.process.Program;
import java.time.Duration;
import java.util.List;

/** Small servers in containers, and who asks them: from the engine's own network, or from another container. */
final class Applications {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Docker docker;

    Applications(Docker docker) {
        this.docker = docker;
    }

    /** Starts a container that answers each connection to a port with its name. Options may be any of docker run's. */
    void server(String name, int port, String options) {
        docker.ok("run -d --name " + name + " " + options + " busybox sh -c 'while true; do echo " + name
                + " | nc -l -p " + port + "; done'");
    }

    /** What answers at an address of the engine's own network, tried until something does; empty if nothing does. */
    String ask(String address, int port) {
        return Await.answer(
                PATIENCE, () -> inNetwork("nc", "-w", "1", address, String.valueOf(port)), said -> !said.isEmpty());
    }

    /** What answers a container, tried until something does; empty if nothing does. */
    String askFrom(String container, String address, int port) {
        return Await.answer(PATIENCE, () -> onceFrom(container, address, port), said -> !said.isEmpty());
    }

    /** The same, asked once: for what should not be answered. */
    String onceFrom(String container, String address, int port) {
        return docker.probe("exec " + container + " nc -w 1 " + address + " " + port)
                .text();
    }

    /** Runs busybox in the engine's own network. */
    String inNetwork(String... applet) {
        List<String> command = new java.util.ArrayList<>(List.of("/bin/busybox"));
        command.addAll(List.of(applet));
        return Program.run(docker.engine().inNetwork(command)).out().strip();
    }

    /** The address of a container on a network. */
    String address(String container, String network) {
        return docker.engine()
                .call(io.longshore.testbed.http.Request.get("/containers/" + container + "/json"))
                .json()
                .path("NetworkSettings")
                .path("Networks")
                .path(network)
                .path("IPAddress")
                .asString();
    }

    /** The addresses that a name has for a container, sorted; empty for none. */
    List<String> lookUp(String container, String name) {
        return docker.probe("exec " + container + " nslookup -type=a " + name + " 127.0.0.11")
                .out()
                .lines()
                .dropWhile(line -> !line.startsWith("Name:"))
                .filter(line -> line.startsWith("Address"))
                .map(line -> line.substring(line.indexOf(": ") + 2).strip())
                .sorted()
                .toList();
    }
}
