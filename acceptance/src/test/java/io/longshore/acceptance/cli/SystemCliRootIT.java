package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** {@code docker version} and {@code docker info}. */
class SystemCliRootIT extends CliCases {
    @Test
    void versionNamesBothSides() {
        docker.ok(
                        "version --format '{{.Server.Os}}/{{.Server.Arch}} {{.Server.MinAPIVersion}} {{.Server.KernelVersion}}'")
                .printsPart("linux/amd64 ");
        String api =
                docker.probe("version --format '{{.Server.APIVersion}}'").ok().text();
        assertThat(api).isEqualTo(subject.longshore() ? "1.51" : "1.41");
        docker.probe("version").ok().printsPart("Client:", "Server", "API version:");
    }

    @Test
    void theClientUsesTheHighestVersionBothKnow() {
        String client = docker.probe("version --format '{{.Client.DefaultAPIVersion}}'")
                .ok()
                .text();
        String used =
                docker.probe("version --format '{{.Client.APIVersion}}'").ok().text();
        assertThat(used).isEqualTo(subject.longshore() ? client : "1.41");
    }

    @Test
    void infoCounts() {
        docker.ok("info --format '{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}}'")
                .prints("0 0 0 0\n");
        docker.ok("create --name made --network none busybox true");
        docker.ok("run -d --name runs --network none busybox sleep 60");
        docker.ok(
                        "info --format '{{.Containers}} {{.ContainersRunning}} {{.ContainersPaused}} {{.ContainersStopped}} {{.Images}}'")
                .prints("2 1 0 1 1\n");
    }

    @Test
    void infoDescribesTheMachine() {
        docker.ok(
                        "info --format '{{.OSType}} {{.Architecture}} {{.NCPU}} {{.MemTotal}} {{.KernelVersion}} {{.OperatingSystem}} {{.Name}}'")
                .printsPart("linux x86_64 ");
        docker.ok(
                        "info --format '{{.Driver}} {{.LoggingDriver}} {{.CgroupDriver}} {{.CgroupVersion}} {{.DefaultRuntime}} {{.Swarm.LocalNodeState}}'")
                .printsPart("overlay2 json-file cgroupfs ");
        docker.ok(
                        "info --format '{{.MemoryLimit}} {{.SwapLimit}} {{.PidsLimit}} {{.CPUShares}} {{.CPUSet}} {{.OomKillDisable}}'")
                .printsPart("true ");
    }

    @Test
    void infoIsReadable() {
        docker.probe("info")
                .ok()
                .printsPart(
                        "Containers: 0", "Storage Driver: overlay2", "Logging Driver: json-file", "Operating System: ");
    }

    @Test
    void aVersionThatTheEngineDoesNotKnowIsRefusedByIt() {
        String most = subject.longshore() ? "1.51" : "1.41";
        String next = subject.longshore() ? "1.52" : "1.42";
        String why = "client version " + next + " is too new. Maximum supported API version is " + most;
        docker.probe("version", Map.of("DOCKER_API_VERSION", next)).exits(1).says(why);
        assertThat(docker.probe("info", Map.of("DOCKER_API_VERSION", next)).toString())
                .contains(why);
        docker.probe("ps", Map.of("DOCKER_API_VERSION", next)).exits(1).says(why);
    }

    @Test
    void aBadTemplateIsAnError() {
        assertThat(docker.probe("version --format '{{.Nope}}'").code()).isNotZero();
        assertThat(docker.probe("info --format '{{.Nope}}'").code()).isNotZero();
    }
}
