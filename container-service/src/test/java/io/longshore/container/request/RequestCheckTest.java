package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.NodeInfo;
import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestCheckTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"LogConfig\": {\"Config\": {\"mode\": \"non-blocking\"}}'| HostConfig.LogConfig.Config = mode=non-blocking",
                "'\"LogConfig\": {\"Config\": {\"tag\": \"{{lower .Name}}\"}}'| tag={{lower .Name}} is not available",
                "'\"LogConfig\": {\"Config\": {\"tag\": \"{{.Hostname}}\"}}'| tag={{.Hostname}} is not available",
                "'\"Mounts\": [{\"Type\": \"image\", \"Source\": \"a\", \"Target\": \"/b\"}]'| HostConfig.Mounts = image a",
            })
    void whatIsNotThereYetIsRefusedByNameAndValue(String host, String named) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("", host)))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"Memory\": 1000'| Minimum memory limit allowed is 6MB",
                "'\"MemorySwap\": 9000000'| You should always set the Memory limit",
                "'\"Memory\": 9000000, \"MemorySwap\": 8000000'| larger than memory limit",
                "'\"Memory\": 9000000, \"MemoryReservation\": 9500000'| can not be less than memory reservation",
                "'\"NanoCpus\": 1, \"CpuQuota\": 5000'| Nano CPUs and CPU Quota",
                "'\"CpuPeriod\": 10'| CPU cfs period",
                "'\"CpusetCpus\": \"a\"'| Invalid value a for cpuset cpus",
                "'\"CapAdd\": [\"FLY\"]'| unknown capability: \"CAP_FLY\"",
                "'\"RestartPolicy\": {\"Name\": \"often\"}'| unknown policy 'often'",
                "'\"Tmpfs\": {\"relative\": \"\"}'| relative",
                "'\"Tmpfs\": {\"/x\": \"exec,what\"}'| what",
                "'\"Dns\": [\"dns.example\"]'| bad nameserver address: dns.example",
                "'\"ExtraHosts\": [\"a\"]'| bad format for add-host",
                "'\"LogConfig\": {\"Type\": \"nope\"}'| error looking up logging plugin nope: plugin \"nope\" not found",
                "'\"LogConfig\": {\"Config\": {\"max-size\": \"many\"}}'| many",
                "'\"LogConfig\": {\"Config\": {\"colour\": \"x\"}}'| unknown log opt 'colour' for json-file log driver",
                "'\"LogConfig\": {\"Type\": \"syslog\"}'| plugin \"syslog\" not found",
                "'\"LogConfig\": {\"Type\": \"local\", \"Config\": {\"colour\": \"x\"}}'| unknown log opt 'colour' for log driver local",
                "'\"LogConfig\": {\"Config\": {\"max-size\": \"0\"}}'| max-size must be a positive number",
                "'\"LogConfig\": {\"Config\": {\"max-file\": \"0\"}}'| max-file must be 1 to 1000",
                "'\"LogConfig\": {\"Config\": {\"compress\": \"maybe\"}}'| is neither true nor false",
                "'\"LogConfig\": {\"Config\": {\"compress\": \"true\", \"max-file\": \"1\"}}'| compress cannot be true",
                "'\"LogConfig\": {\"Type\": \"local\", \"Config\": {\"max-file\": \"1\"}}'| compression cannot be enabled",
                "'\"LogConfig\": {\"Config\": {\"labels-regex\": \"(\"}}'| invalid log opt labels-regex '('",
                "'\"LogConfig\": {\"Config\": {\"mode\": \"fast\"}}'| logging mode not supported: fast",
                "'\"LogConfig\": {\"Config\": {\"max-buffer-size\": \"1m\"}}'| only supported with 'mode=non-blocking'",
                "'\"Ulimits\": [{\"Name\": \"nofile\", \"Soft\": 5, \"Hard\": 3}]'| 5 > 3",
                "'\"Ulimits\": [{\"Name\": \"shoes\"}]'| shoes",
                "'\"OomScoreAdj\": 2000'| 2000",
                "'\"SecurityOpt\": [\"magic\"]'| magic",
                "'\"Mounts\": [{\"Type\": \"cloud\", \"Target\": \"/b\"}]'| cloud",
                "'\"ShmSize\": -1'| SHM size",
                "'\"IpcMode\": \"cloud\"'| invalid IPC mode: cloud",
                "'\"IpcMode\": \"container:\"'| invalid IPC mode: container:",
                "'\"PidMode\": \"cloud\"'| invalid PID mode: cloud",
                "'\"UTSMode\": \"container:x\"'| invalid UTS mode: container:x",
                "'\"CgroupnsMode\": \"cloud\"'| invalid cgroup namespace mode: cloud",
                "'\"Sysctls\": {\"kernel.panic\": \"1\"}'| sysctl \"kernel.panic\" is not in a separate kernel namespace",
                "'\"Sysctls\": {\"net/../kernel/panic\": \"1\"}'| is not a name of letters",
                "'\"Sysctls\": {\"kernel.msgmax\": \"1\"}, \"IpcMode\": \"host\"'| is not allowed in the hosts ipc namespace",
                "'\"Sysctls\": {\"kernel.hostname\": \"x\"}'| conflicts with the OCI \"hostname\" field",
                "'\"Sysctls\": {\"net.core.somaxconn\": \"1\"}, \"NetworkMode\": \"host\"'| not allowed in host network namespace",
                "'\"MemorySwappiness\": 101'| valid memory swappiness range is 0-100",
                "'\"KernelMemory\": 5'| Minimum kernel memory limit allowed is 6MB",
                "'\"CpuRealtimePeriod\": 5, \"CpuRealtimeRuntime\": 6'| cpu real-time runtime cannot be higher",
                "'\"BlkioWeight\": 5'| Range of blkio weight is from 10 to 1000",
                "'\"BlkioWeightDevice\": [{\"Path\": \"/dev/x\", \"Weight\": 5}]'| invalid weight for device: /dev/x:5",
                "'\"BlkioDeviceReadBps\": [{\"Path\": \"x\"}]'| not an absolute path",
                "'\"BlkioDeviceReadIOps\": [{\"Path\": \"/x\", \"Rate\": -1}]'| invalid rate for device: /x:-1",
                "'\"Devices\": [{}]'| HostConfig.Devices.PathOnHost",
                "'\"Devices\": [{\"PathOnHost\": \"/dev/x\", \"CgroupPermissions\": \"rx\"}]'| invalid device mode: rx",
                "'\"DeviceCgroupRules\": [\"c 1:2 x\"]'| invalid device cgroup rule format",
                "'\"DeviceCgroupRules\": [\"c 1:2 rr\"]'| invalid device cgroup rule format",
                "'\"StorageOpt\": {\"size\": \"1g\"}'| supported only for overlay over xfs",
                "'\"SecurityOpt\": [\"seccomp=no-file.json\"]'| Decoding seccomp profile failed",
                "'\"SecurityOpt\": [\"apparmor=two words\"]'| want the name of a profile that is loaded",
                "'\"SecurityOpt\": [\"label=type:x\"]'| SELinux is not available on the nodes",
            })
    void whatIsWrongIsRefusedByValue(String host, String named) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("", host)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"WorkingDir\": \"here\"'| the working directory 'here' is invalid",
                "'\"Env\": [\"=x\"]'| invalid environment variable: =x",
                "'\"StopSignal\": \"SIGWHAT\"'| SIGWHAT",
                "'\"Volumes\": {\"/\": {}}'| destination can't be '/'",
                "'\"Volumes\": {\"/a:/b\": {}}'| bad format for volumes: /a:/b",
                "'\"ExposedPorts\": {\"http\": {}}'| http",
                "'\"Hostname\": \"a b\"'| a b",
            })
    void configurationIsChecked(String config, String named) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request(config, "")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(named);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"Test\": [\"CMD\", \"true\"], \"Interval\": 1'| Interval in Healthcheck cannot be less than 1ms",
                "'\"Test\": [\"CMD\", \"true\"], \"Timeout\": 999999'| Timeout in Healthcheck cannot be less than 1ms",
                "'\"Test\": [\"CMD\", \"true\"], \"StartPeriod\": -1'| StartPeriod in Healthcheck cannot be less than 1ms",
                "'\"Test\": [\"CMD\", \"true\"], \"Retries\": -1'| Retries in Healthcheck cannot be negative",
            })
    void aHealthCheckHasTimesThatMakeSense(String members, String words) {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("\"Healthcheck\": {" + members + "}", "")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining(words);
        RequestCheck.check(Samples.request("\"Healthcheck\": {\"Test\": [\"NONE\"]}", ""));
    }

    /** Bodies as the docker CLI sends them for {@code docker run --rm --network none busybox true}. */
    @ParameterizedTest
    @ValueSource(strings = {"create-cli-20.10.json", "create-cli-28.2.json"})
    void whatTheCommandLineAlwaysSendsPasses(String recorded) throws Exception {
        try (var body = RequestCheckTest.class.getResourceAsStream(recorded)) {
            assertThat(body).isNotNull();
            CreateRequest request = CreateBody.parse(body.readAllBytes());
            assertThatCode(() -> RequestCheck.check(request)).doesNotThrowAnyException();
            CreateRequest complete = Samples.complete(request, Samples.image());
            assertThatCode(() -> RequestCheck.checkComplete(complete, Samples.node()))
                    .doesNotThrowAnyException();
            assertThat(Samples.spec(complete).process().arguments()).containsExactly("true");
        }
    }

    @Test
    void platformIsComparedWithTheImage() {
        RequestCheck.checkPlatform("linux/amd64", "busybox", Samples.image());
        RequestCheck.checkPlatform("linux/x86_64", "busybox", Samples.image());
        assertThatThrownBy(() -> RequestCheck.checkPlatform("linux/arm64", "busybox", Samples.image()))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessageContaining("linux/arm64");
    }

    @Test
    void moreProcessorsThanThereAreIsRefused() {
        CreateRequest complete = Samples.complete(Samples.request("", "\"NanoCpus\": 3000000000"), Samples.image());
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.node()))
                .hasMessage("range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
    }

    @Test
    void whatTheNodeCannotDoIsDroppedWithAWarning() {
        CreateRequest request =
                Samples.request("", "\"CpuPercent\": 10, \"CapAdd\": [\"ALL\"], \"CapDrop\": [\"SYS_TIME\"]");
        assertThat(RequestCheck.warnings(request, Samples.node()))
                .containsExactly(
                        "linux does not support CPU percent. Percent discarded.",
                        "The node does not have the capability CAP_SYS_RESOURCE: the container does without it.");
        var host = Samples.complete(request, Samples.image()).hostConfig();
        assertThat(host).isNotNull();
        assertThat(host.cpuPercent()).isZero();
        assertThat(Discards.warnings(
                        Samples.request(
                                        "",
                                        "\"Memory\": 9000000, \"PidsLimit\": -1, \"BlkioDeviceReadBps\": [{\"Path\": \"/dev/x\"}]")
                                .hostConfig(),
                        List.of("memoryLimit")))
                .containsExactly(
                        "Your kernel does not support BPS Block I/O read limit or the cgroup is not mounted. Block I/O BPS read limit discarded.",
                        "Your kernel does not support swap limit capabilities or the cgroup is not mounted. Memory limited without swap.");
    }

    @Test
    void aHostNameInTheNodesUtsNamespaceIsRefused() {
        assertThatThrownBy(() -> RequestCheck.check(Samples.request("\"Hostname\": \"x\"", "\"UTSMode\": \"host\"")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("conflicting options: hostname and the UTS mode");
    }

    @Test
    void whoIsJoinedIsResolvedForTheAgentOnly() {
        CreateRequest complete = Samples.complete(
                Samples.request("", "\"IpcMode\": \"container:db\", \"PidMode\": \"host\""), Samples.image());
        var host = complete.hostConfig();
        assertThat(NamespaceModes.joined(host)).containsExactly("db");
        var namespaces = Samples.spec(NamespaceModes.resolve(complete, name -> "f6".repeat(32)))
                .security()
                .namespaces();
        assertThat(namespaces.ipc())
                .isEqualTo(new ContainerSpec.Namespace(
                        ContainerSpec.Namespace.From.CONTAINER, ContainerId.parse("f6".repeat(32))));
        assertThat(namespaces.pid().from()).isEqualTo(ContainerSpec.Namespace.From.HOST);
        assertThat(namespaces.uts()).isEqualTo(ContainerSpec.Namespace.PRIVATE);
    }

    @Test
    void aRuntimeThatTheNodeLacksIsRefused() {
        CreateRequest complete = Samples.complete(Samples.request("", "\"Runtime\": \"crun\""), Samples.image());
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.node()))
                .hasMessageContaining("crun");
    }

    /** Each of its volumes is told at its start and its end, in one statement of the database. */
    @Test
    void moreVolumesAndMountsThanAnybodyNeedsAreRefused() {
        String volumes = IntStream.range(0, 499)
                .mapToObj(i -> "\"/v" + i + "\": {}")
                .collect(Collectors.joining(", ", "\"Volumes\": {", "}"));
        String tmpfs = "\"Tmpfs\": {\"/t\": \"\"}";
        assertThat(Samples.mounts(Samples.complete(Samples.request(volumes, tmpfs), Samples.image())))
                .hasSize(500);
        var image = Samples.image("{\"Cmd\": [\"sh\"], \"Volumes\": {\"/more\": {}}}");
        CreateRequest complete = Samples.complete(Samples.request(volumes, tmpfs), image);
        assertThatThrownBy(() -> Samples.mounts(complete))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("a container can have at most 500 volumes and mounts, not 501");
    }

    @Test
    void anAppArmorProfileNeedsANodeThatHasIt() {
        CreateRequest complete =
                Samples.complete(Samples.request("", "\"SecurityOpt\": [\"apparmor=mine\"]"), Samples.image());
        assertThat(Samples.spec(complete).security().appArmor()).isEqualTo("mine");
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.node()))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid --security-opt: \"apparmor=mine\": AppArmor is not available on the node;"
                        + " use apparmor=unconfined or leave it out");
        var has = Samples.node(List.of(NodeInfo.APP_ARMOR));
        assertThatCode(() -> RequestCheck.checkComplete(complete, has)).doesNotThrowAnyException();
    }

    @Test
    void whoIsPrivilegedIsUnconfinedUnlessItSaysOtherwise() {
        assertThat(appArmor("\"Privileged\": false")).isEqualTo("default");
        assertThat(appArmor("\"Privileged\": true")).isEqualTo("unconfined");
        assertThat(appArmor("\"Privileged\": true, \"SecurityOpt\": [\"apparmor=mine\"]"))
                .isEqualTo("mine");
        assertThat(appArmor("\"SecurityOpt\": [\"apparmor:unconfined\"]")).isEqualTo("unconfined");
    }

    private static String appArmor(String host) {
        return Samples.spec(Samples.complete(Samples.request("", host), Samples.image()))
                .security()
                .appArmor();
    }

    @Test
    void nothingToRunIsRefused() {
        CreateRequest complete = Samples.complete(Samples.request("", ""), Samples.image("{}"));
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.node()))
                .hasMessage("no command specified");
    }
}
