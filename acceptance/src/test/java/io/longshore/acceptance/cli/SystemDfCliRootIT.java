package io.longshore.acceptance.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** {@code docker system df}. */
class SystemDfCliRootIT extends CliCases {
    private static final String DF =
            "system df --format '{{.Type}}: {{.TotalCount}} {{.Active}} {{.Size}} {{.Reclaimable}}'";

    @Test
    void ofAnImageThatNobodyUses() {
        docker.ok(DF)
                .printsMatch("^Images: 1 0 [\\d.]+MB [\\d.]+MB \\(100%\\)\nContainers: 0 0 0B 0B\n"
                        + "Local Volumes: 0 0 0B 0B\nBuild Cache: 0 0 0B 0B\n$");
    }

    @Test
    void aContainerMakesItsImageActive() {
        docker.ok("create --name made --network none busybox true");
        docker.ok(DF).printsMatch("^Images: 1 1 [\\d.]+MB 0B \\(0%\\)\nContainers: 1 0 0B 0B\n");
        docker.ok("run -d --name runs --network none busybox sleep 60");
        docker.ok(DF).printsPart("\nContainers: 2 1 0B 0B\n");
    }

    @Test
    void whatContainersWriteIsTheirs() {
        docker.ok("run --name wrote --network none busybox sh -c 'head -c 2000000 /dev/zero > /tmp/f'");
        docker.ok(DF).printsPart("\nContainers: 1 0 2MB 2MB (100%)\n");
        docker.ok("rm wrote");
        docker.ok(DF).printsPart("\nContainers: 0 0 0B 0B\n");
    }

    @Test
    void whatARunningContainerHasIsNotReclaimable() {
        docker.ok(
                "run -d --name writes --network none busybox sh -c 'head -c 3000000 /dev/zero > /tmp/f; touch /tmp/done; exec sleep 60'");
        docker.probe("top writes").ok();
        long end = System.nanoTime() + 20_000_000_000L;
        while (!docker.probe(DF).out().contains("Containers: 1 1 3MB") && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        docker.ok(DF).printsPart("\nContainers: 1 1 3MB 0B (0%)\n");
    }

    @Test
    void volumesAreMeasured() {
        docker.ok("run --name keeps --network none -v /data busybox sh -c 'head -c 5000 /dev/zero > /data/f'");
        docker.ok(DF).printsPart("\nLocal Volumes: 1 1 5kB 0B (0%)\n");
        docker.ok("rm -v keeps");
        docker.ok(DF).printsPart("\nLocal Volumes: 0 0 0B 0B\n");
    }

    @Test
    void asATable() {
        docker.ok("system df")
                .printsMatch("TYPE +TOTAL +ACTIVE +SIZE +RECLAIMABLE *\n")
                .printsPart("Images ", "Containers ", "Local Volumes ", "Build Cache ");
    }

    @Test
    void verbose() {
        docker.ok("run --name wrote --network none -v /data busybox sh -c 'head -c 2000000 /dev/zero > /tmp/f'");
        Outcome verbose = docker.probe("system df -v").ok();
        verbose.printsPart("Images space usage:", "Containers space usage:", "Local Volumes space usage:")
                .printsMatch("\nbusybox +latest +[0-9a-f]{12} +.* [\\d.]+MB +0B +[\\d.]+MB +1 *\n")
                .printsMatch("\n[0-9a-f]{12} +busybox +\"sh -c 'head -c 2000.*\" +1 +2MB +.* wrote *\n")
                .printsMatch("\n[0-9a-f]{64} +1 +0B *\n");
        assertThat(verbose.lines()).anyMatch(line -> line.startsWith("Build cache usage: 0B"));
    }

    @Test
    void verboseInAFormat() {
        docker.ok("create --name made --network none busybox true");
        docker.ok("system df -v --format '{{range .Images}}{{.Repository}} {{.SharedSize}} {{.Containers}}{{end}}'")
                .prints("busybox 0B 1");
        docker.ok("system df -v --format '{{range .Containers}}{{.Names}} {{.Size}}{{end}}'")
                .prints("made 0B");
    }

    @Test
    void aBadTemplateIsAnError() {
        assertThat(docker.probe("system df --format '{{.Nope}}'").code()).isNotZero();
        docker.run("system df extra").exits(1);
    }
}
