package io.longshore.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;

class AgentPropertiesTest {
    @TempDir
    private Path directory;

    private static AgentProperties bind(Map<String, String> values) {
        return new Binder(new MapConfigurationPropertySource(values)).bindOrCreate("agent", AgentProperties.class);
    }

    @Test
    void defaults() {
        AgentProperties properties = bind(Map.of());
        assertThat(properties.workDirectoryOrDefault()).isEqualTo(Path.of("/var/lib/longshore"));
        assertThat(properties.runDirectoryOrDefault()).isEqualTo(Path.of("/run/longshore-agent"));
        assertThat(properties.labelsOrDefault()).isEmpty();
        assertThat(properties.attachStallOrDefault()).isEqualTo(Duration.ofMinutes(1));
        assertThat(properties.driversOrDefault().anyNative()).isTrue();
        assertThat(properties.storageDriverOrDefault()).isEqualTo(AgentProperties.StorageDriver.OVERLAY2);
        assertThat(properties.runtimes()).as("those that are found").isNull();
        AgentProperties.VolumePlugins plugins = properties.volumePluginsOrDefault();
        assertThat(plugins.socketsOrDefault()).isEqualTo(Path.of("/run/docker/plugins"));
        assertThat(plugins.descriptionsOrDefault())
                .containsExactly(Path.of("/etc/docker/plugins"), Path.of("/usr/lib/docker/plugins"));
        assertThat(plugins.deadlineOrDefault()).isEqualTo(Duration.ofMinutes(2));
    }

    @Test
    void everyKey() {
        AgentProperties properties = bind(Map.ofEntries(
                Map.entry("agent.work-directory", "/w"),
                Map.entry("agent.run-directory", "/r"),
                Map.entry("agent.cgroup-root", "/mine"),
                Map.entry("agent.node-name", "n1"),
                Map.entry("agent.data-address", "192.0.2.1"),
                Map.entry("agent.labels.disk", "fast"),
                Map.entry("agent.attach-stall", "5s"),
                Map.entry("agent.firewall-table", "other"),
                Map.entry("agent.sandbox-pool", "3"),
                Map.entry("agent.volume-plugins.sockets", "/s"),
                Map.entry("agent.volume-plugins.descriptions", "/d,/e"),
                Map.entry("agent.volume-plugins.deadline", "7s"),
                Map.entry("agent.runtimes.kata.path", "/opt/kata"),
                Map.entry("agent.runtimes.kata.arguments", "--one,--two"),
                Map.entry("agent.runtimes[io.example.v2].path", "/opt/example"),
                Map.entry("agent.drivers.exec", "simulated"),
                Map.entry("agent.drivers.graph", "simulated"),
                Map.entry("agent.drivers.volume", "native"),
                Map.entry("agent.drivers.network", "simulated")));
        assertThat(properties.firewallTableOrDefault()).isEqualTo("other");
        assertThat(properties.sandboxPoolOrDefault()).isEqualTo(3);
        assertThat(properties.volumePlugins())
                .isEqualTo(new AgentProperties.VolumePlugins(
                        Path.of("/s"), List.of(Path.of("/d"), Path.of("/e")), Duration.ofSeconds(7)));
        assertThat(properties.runtimes())
                .containsOnly(
                        Map.entry(
                                "kata",
                                new AgentProperties.OciRuntime(Path.of("/opt/kata"), List.of("--one", "--two"))),
                        Map.entry("io.example.v2", new AgentProperties.OciRuntime(Path.of("/opt/example"), null)));
        assertThat(properties.workDirectoryOrDefault()).isEqualTo(Path.of("/w"));
        assertThat(properties.runDirectoryOrDefault()).isEqualTo(Path.of("/r"));
        assertThat(properties.cgroupRootOrDefault().value()).isEqualTo("/mine");
        assertThat(properties.nodeName()).isEqualTo("n1");
        assertThat(properties.dataAddress()).isEqualTo("192.0.2.1");
        assertThat(properties.labelsOrDefault()).containsExactly(Map.entry("disk", "fast"));
        assertThat(properties.attachStallOrDefault()).isEqualTo(Duration.ofSeconds(5));
        assertThat(properties.driversOrDefault().anyNative()).isFalse();
        assertThat(properties.driversOrDefault().nativeVolume()).isTrue();
    }

    @Test
    void aStorageDriverHasItsName() {
        assertThat(bind(Map.of("agent.storage-driver", "vfs")).storageDriverOrDefault())
                .isEqualTo(AgentProperties.StorageDriver.VFS);
        assertThat(bind(Map.of("agent.storage-driver", "overlay2")).storageDriverOrDefault())
                .isEqualTo(AgentProperties.StorageDriver.OVERLAY2);
    }

    @Test
    void refusalsSayWhichKey() {
        refused(Map.of("agent.work-directory", "relative"), "agent.work-directory");
        refused(Map.of("agent.attach-stall", "200ms"), "agent.attach-stall");
        refused(Map.of("agent.data-address", "ship"), "agent.data-address: \"ship\" is no IP address");
        refused(Map.of("agent.data-address", "0.0.0.0"), "agent.data-address");
        refused(Map.of("agent.drivers.exec", "docker"), "agent.drivers.exec");
        refused(
                Map.of("agent.runtimes.mine.path", "runc"),
                "agent.runtimes.mine.path: \"runc\" is not an absolute path");
        refused(
                Map.of("agent.runtimes.mine.arguments", "--x"),
                "agent.runtimes.mine: the path of its binary is missing");
        refused(Map.of("agent.runtimes.longshore.path", "/x"), "longshore is the agent's own runtime");
        refused(Map.of("agent.volume-plugins.sockets", "s"), "agent.volume-plugins.sockets");
        refused(Map.of("agent.volume-plugins.descriptions", "/d,e"), "agent.volume-plugins.descriptions");
        refused(Map.of("agent.volume-plugins.deadline", "11m"), "agent.volume-plugins.deadline");
        refused(Map.of("agent.wrok-directory", "/w"), "agent.wrok-directory");
        refused(Map.of("agent.drivers.graph", "simulated"), "graph is simulated");
        refused(Map.of("agent.storage-driver", "devicemapper"), "agent.storage-driver");
        refused(
                Map.of("agent.storage-driver", "vfs", "agent.drivers.graph", "simulated"),
                "agent.storage-driver: no layers are kept");
    }

    @Test
    void twoAgentsDoNotShareAWorkDirectory() throws Exception {
        try (WorkDirectory first = WorkDirectory.open(directory.resolve("work"))) {
            assertThatThrownBy(() -> WorkDirectory.open(first.path()))
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining("another agent uses the work directory");
        }
        WorkDirectory.open(directory.resolve("work")).close();
    }

    private void refused(Map<String, String> values, String named) {
        Map<String, String> settings = new HashMap<>(values);
        settings.put("run.directory", directory.resolve("run").toString());
        settings.putIfAbsent("agent.work-directory", directory.resolve("work").toString());
        assertThatThrownBy(() -> ServiceRunner.start(NodeAgentApplication.class, Settings.of(settings))
                        .close())
                .isInstanceOf(StartFailure.class)
                .hasMessageContaining(named);
    }
}
