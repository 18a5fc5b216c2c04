package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.image.ClaimedImage;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CompletionTest {
    private static final ClaimedImage IMAGE = Samples.image("""
        {"User": "app", "Env": ["PATH=/app/bin", "COLOUR=red"], "Entrypoint": ["/entry"], "Cmd": ["serve"], "WorkingDir": "/app",
         "Labels": {"a": "image", "b": "image"}, "Volumes": {"/data": {}}, "StopSignal": "SIGQUIT", "ExposedPorts": {"80/tcp": {}}}
        """);

    private static CreateRequest complete(String config, String host) {
        return Samples.complete(Samples.request(config, host), IMAGE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''| /entry serve",
                "'\"Cmd\": [\"x\"]'| /entry x",
                "'\"Entrypoint\": [\"/e\"]'| /e",
                "'\"Entrypoint\": [\"/e\"], \"Cmd\": [\"y\"]'| /e y",
                "'\"Entrypoint\": [\"\"], \"Cmd\": [\"y\"]'| y",
                "'\"Entrypoint\": []'| serve",
            })
    void entrypointAndCommand(String config, String arguments) {
        assertThat(Samples.spec(complete(config, "")).process().arguments()).isEqualTo(List.of(arguments.split(" ")));
    }

    @Test
    void theImageFillsWhatTheClientLeftOut() {
        CreateRequest complete = complete("\"Labels\": {\"a\": \"mine\"}, \"Env\": [\"COLOUR=blue\", \"X=1\"]", "");
        ContainerSpec spec = Samples.spec(complete);
        assertThat(complete.config().env()).containsExactly("COLOUR=blue", "X=1", "PATH=/app/bin");
        assertThat(spec.process().environment())
                .containsExactly("PATH=/app/bin", "HOSTNAME=a1a1a1a1a1a1", "COLOUR=blue", "X=1");
        assertThat(spec.process().user()).isEqualTo("app");
        assertThat(spec.process().workingDirectory()).isEqualTo("/app");
        assertThat(spec.labels()).containsEntry("a", "mine").containsEntry("b", "image");
        assertThat(spec.stop()).isEqualTo(new ContainerSpec.Stop(3, 10));
        assertThat(Samples.mounts(complete))
                .extracting(ContainerSpec.Mount::destination)
                .containsExactly("/data");
    }

    @Test
    void aTmpfsOnAVolumesMountPointReplacesIt() {
        CreateRequest complete = complete("", "\"Tmpfs\": {\"/data\": \"size=64m\"}");
        assertThat(Samples.spec(complete).mounts()).singleElement().satisfies(mount -> {
            assertThat(mount.kind()).isEqualTo(ContainerSpec.Mount.Kind.TMPFS);
            assertThat(mount.options()).contains("size=64m", "noexec", "nosuid", "nodev");
        });
    }

    @Test
    void aBareNameTakesAVariableAway() {
        assertThat(Samples.spec(complete("\"Env\": [\"COLOUR\"]", "")).process().environment())
                .containsExactly("PATH=/app/bin", "HOSTNAME=a1a1a1a1a1a1");
    }

    @Test
    void theEnginesDefaults() {
        ContainerSpec spec = Samples.spec(complete("", ""));
        assertThat(spec.shmBytes()).isEqualTo(67_108_864);
        assertThat(spec.security().capabilities()).hasSize(14).contains("CAP_CHOWN", "CAP_AUDIT_WRITE");
        assertThat(spec.security().seccomp()).isEqualTo("default");
        assertThat(spec.security().maskedPaths()).contains("/proc/kcore", "/sys/firmware");
        assertThat(spec.security().readOnlyPaths()).contains("/proc/sys");
        assertThat(spec.security().cgroupNamespace()).isEqualTo("host");
        assertThat(spec.log()).isEqualTo(ContainerSpec.Log.plain("json-file", 20 << 20, 5));
        assertThat(spec.resources().memory()).isZero();
        assertThat(spec.hostname()).isEqualTo("a1a1a1a1a1a1");
    }

    @Test
    void limits() {
        ContainerSpec spec = Samples.spec(complete(
                "",
                "\"Memory\": 33554432, \"NanoCpus\": 500000000, \"PidsLimit\": 20, \"CpuShares\": 512,"
                        + " \"CpusetCpus\": \"0-1\""));
        assertThat(spec.resources())
                .isEqualTo(new ContainerSpec.Resources(
                        33_554_432, 67_108_864, 0, 512, 50_000, 100_000, "0-1", "", 20, null));
    }

    @Test
    void capabilitiesAndPrivilege() {
        assertThat(Samples.spec(complete("", "\"CapAdd\": [\"net_admin\"], \"CapDrop\": [\"ALL\"]"))
                        .security()
                        .capabilities())
                .containsExactly("CAP_NET_ADMIN");
        ContainerSpec.Security privileged =
                Samples.spec(complete("", "\"Privileged\": true")).security();
        assertThat(privileged.capabilities()).hasSize(41);
        assertThat(privileged.seccomp()).isEqualTo("unconfined");
        assertThat(privileged.maskedPaths()).isEmpty();
    }

    @Test
    void whoSharesWithTheNodeHasNoLabels() {
        assertThat(securityOptions("\"PidMode\": \"host\"")).containsExactly("label=disable");
        assertThat(securityOptions("\"IpcMode\": \"host\", \"SecurityOpt\": [\"no-new-privileges\"]"))
                .containsExactly("no-new-privileges", "label=disable");
        assertThat(securityOptions("\"Privileged\": true, \"SecurityOpt\": [\"label=disable\"]"))
                .containsExactly("label=disable");
        assertThat(securityOptions("")).isNull();
    }

    private static @Nullable List<String> securityOptions(String host) {
        return Objects.requireNonNull(complete("", host).hostConfig()).securityOpt();
    }

    @Test
    void noLimitIsTheAbsenceOfOne() {
        var host = complete("", "\"PidsLimit\": -1, \"MemorySwappiness\": -1").hostConfig();
        assertThat(host).isNotNull().satisfies(filled -> {
            assertThat(filled.pidsLimit()).isNull();
            assertThat(filled.memorySwappiness()).isNull();
        });
    }

    @Test
    void mountPointsAreCleaned() {
        CreateRequest complete = Samples.complete(
                Samples.request("\"Volumes\": {\"/data/\": {}, \"//logs/./old\": {}}", "\"Tmpfs\": {\"/tmp/\": \"\"}"),
                Samples.image("{\"Cmd\": [\"sh\"], \"Volumes\": {\"/data\": {}}}"));
        assertThat(complete.config().volumes()).containsOnlyKeys("/data", "/logs/old");
        assertThat(Objects.requireNonNull(complete.hostConfig()).tmpfs()).containsOnlyKeys("/tmp");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "relative", "/a/../..", "/a/.."})
    void aMountPointOfTheImageThatCannotBeIsRefused(String path) {
        assertThatThrownBy(() -> Samples.complete(
                        Samples.request("", ""),
                        Samples.image("{\"Cmd\": [\"sh\"], \"Volumes\": {\"" + path + "\": {}}}")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("'" + path + "'");
    }

    @Test
    void twoMountsOnOnePlaceAreRefused() {
        String twice = "{\"Type\": \"volume\", \"Target\": \"/x/\"}, {\"Type\": \"tmpfs\", \"Target\": \"/x\"}";
        assertThatThrownBy(() -> Samples.complete(Samples.request("", "\"Mounts\": [" + twice + "]"), Samples.image()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("Duplicate mount point: /x");
    }
}
