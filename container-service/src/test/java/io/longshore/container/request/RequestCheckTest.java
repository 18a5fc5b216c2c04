package io.longshore.container.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestCheckTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "'\"Binds\": [\"/a:/b\"]'| HostConfig.Binds = [/a:/b]",
                "'\"PortBindings\": {\"80/tcp\": [{\"HostPort\": \"8080\"}]}'| HostConfig.PortBindings",
                "'\"PublishAllPorts\": true'| HostConfig.PublishAllPorts",
                "'\"Devices\": [{\"PathOnHost\": \"/dev/null\"}]'| HostConfig.Devices",
                "'\"RestartPolicy\": {\"Name\": \"always\"}'| HostConfig.RestartPolicy.Name = always",
                "'\"VolumesFrom\": [\"x\"]'| HostConfig.VolumesFrom",
                "'\"PidMode\": \"host\"'| HostConfig.PidMode = host",
                "'\"IpcMode\": \"container:x\"'| HostConfig.IpcMode",
                "'\"Init\": true'| HostConfig.Init",
                "'\"Sysctls\": {\"a\": \"b\"}'| HostConfig.Sysctls",
                "'\"MemorySwappiness\": 10'| HostConfig.MemorySwappiness",
                "'\"LogConfig\": {\"Config\": {\"mode\": \"non-blocking\"}}'| HostConfig.LogConfig.Config = mode=non-blocking",
                "'\"LogConfig\": {\"Config\": {\"tag\": \"{{lower .Name}}\"}}'| tag={{lower .Name}} is not available",
                "'\"LogConfig\": {\"Config\": {\"tag\": \"{{.Hostname}}\"}}'| tag={{.Hostname}} is not available",
                "'\"Mounts\": [{\"Type\": \"bind\", \"Source\": \"/a\", \"Target\": \"/b\"}]'| HostConfig.Mounts = bind /a",
                "'\"SecurityOpt\": [\"seccomp={}\"]'| HostConfig.SecurityOpt",
                "'\"OomKillDisable\": true'| HostConfig.OomKillDisable",
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
                "'\"LogConfig\": {\"Type\": \"nope\"}'| no log driver named 'nope'",
                "'\"LogConfig\": {\"Config\": {\"max-size\": \"many\"}}'| many",
                "'\"LogConfig\": {\"Config\": {\"colour\": \"x\"}}'| unknown log opt 'colour' for json-file log driver",
                "'\"LogConfig\": {\"Type\": \"syslog\"}'| logger: no log driver named 'syslog' is registered",
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

    @Test
    void healthCheckIsRefusedUnlessItIsNone() {
        assertThatThrownBy(() ->
                        RequestCheck.check(Samples.request("\"Healthcheck\": {\"Test\": [\"CMD\", \"true\"]}", "")))
                .isInstanceOf(Failure.NotImplemented.class);
        RequestCheck.check(Samples.request("\"Healthcheck\": {\"Test\": [\"NONE\"]}", ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "{\"NetworkMode\": \"default\"}", "{\"NetworkMode\": \"bridge\"}"})
    void theBridgeIsRefusedWithTheWayThatWorks(String host) {
        CreateRequest request = CreateBody.parse(
                ("{\"Image\": \"busybox\", \"HostConfig\": " + host + "}").getBytes(StandardCharsets.UTF_8));
        assertThatThrownBy(() -> RequestCheck.check(request))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageContaining("--network none or --network host");
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
            assertThat(RequestCheck.checkComplete(complete, Samples.image(), Samples.node()))
                    .isEmpty();
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
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.image(), Samples.node()))
                .hasMessage("range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available");
    }

    @Test
    void aRuntimeThatTheNodeLacksIsRefused() {
        CreateRequest complete = Samples.complete(Samples.request("", "\"Runtime\": \"crun\""), Samples.image());
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.image(), Samples.node()))
                .hasMessageContaining("crun");
    }

    @Test
    void nothingToRunIsRefused() {
        CreateRequest complete = Samples.complete(Samples.request("", ""), Samples.image("{}"));
        assertThatThrownBy(() -> RequestCheck.checkComplete(complete, Samples.image("{}"), Samples.node()))
                .hasMessage("no command specified");
    }
}
