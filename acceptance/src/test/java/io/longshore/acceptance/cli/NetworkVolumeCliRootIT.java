package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code docker network ls} and {@code inspect}, {@code docker volume ls} and {@code inspect}: what is there before anything is made. */
class NetworkVolumeCliRootIT extends CliCases {
    @Test
    void listsThePredefinedNetworks() {
        docker.ok("network ls --format '{{.Name}} {{.Driver}} {{.Scope}}'")
                .prints("bridge bridge local\nhost host local\nnone null local\n");
        docker.probe("network ls")
                .ok()
                .printsMatch("^NETWORK ID +NAME +DRIVER +SCOPE\n[0-9a-f]{12} +bridge +bridge +local\n");
        docker.ok("network ls --filter name=host --format {{.Name}}").prints("host\n");
        docker.ok("network ls --filter driver=null --format {{.Name}}").prints("none\n");
        docker.run("network ls --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    @Test
    void inspectsANetwork() {
        docker.ok("network inspect --format '{{.Name}} {{.Driver}} {{.Scope}} {{.Internal}} {{.Attachable}}' none host")
                .prints("none null local false false\nhost host local false false\n");
        String id = docker.ok("network ls -q --no-trunc --filter name=none").text();
        assertThat(id).matches("[0-9a-f]{64}");
        docker.ok("network inspect --format {{.Name}} " + id.substring(0, 12)).prints("none\n");
    }

    @Test
    void refusesNetworksThatAreNotThere() {
        docker.run("network inspect nosuch").exits(1).saysMatch("[Nn]o such network: nosuch|network nosuch not found");
    }

    @Test
    void listsVolumes() {
        docker.probe("volume ls").ok().printsMatch("^DRIVER +VOLUME NAME\n");
        docker.ok("create --name keeps --network none -v /data busybox true");
        String volume = docker.value("keeps", "{{.Mounts.0.Name}}");
        docker.ok("volume ls --filter name=" + volume + " --format '{{.Driver}} {{.Name}}'")
                .prints("local " + volume + "\n");
        docker.probe("volume ls -q --filter dangling=true").ok().printsNone(volume);
        docker.ok("volume ls -q --filter dangling=false").prints(volume + "\n");
        docker.ok("volume ls -q --filter driver=nosuch").prints("");
        docker.run("volume ls --filter colour=blue").exits(1).saysMatch("[Ii]nvalid filter '?colour");
    }

    @Test
    void inspectsAVolume() {
        docker.ok("create --name keeps --network none -v /data busybox true");
        String volume = docker.value("keeps", "{{.Mounts.0.Name}}");
        docker.ok("volume inspect --format '{{.Name}} {{.Driver}} {{.Scope}} {{json .Options}}' " + volume)
                .prints(volume + " local local null\n");
        assertThat(docker.probe("volume inspect --format {{.Mountpoint}} " + volume)
                        .text())
                .isEqualTo(docker.value("keeps", "{{.Mounts.0.Source}}"))
                .endsWith("/volumes/" + volume + "/_data");
        docker.run("volume inspect nosuch").exits(1).saysMatch("[Nn]o such volume: nosuch|get nosuch: no such volume");
    }
}
