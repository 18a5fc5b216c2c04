package io.longshore.agent;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.container.Drivers;
import io.longshore.agent.dns.EmbeddedDns;
import io.longshore.agent.dns.NetworkNames;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.libcontainer.LibcontainerExecDriver;
import io.longshore.agent.execdriver.oci.OciRuntimes;
import io.longshore.agent.execdriver.oci.RuntimeBinary;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.forward.Forwards;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.overlay2.Overlay2GraphDriver;
import io.longshore.agent.graphdriver.simulated.SimulatedGraphDriver;
import io.longshore.agent.graphdriver.vfs.VfsGraphDriver;
import io.longshore.agent.linux.NativePool;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaNftablesLibrary;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.NetworkDriver.Place;
import io.longshore.agent.networkdriver.bridge.BridgeNetworkDriver;
import io.longshore.agent.networkdriver.host.HostNetworkDriver;
import io.longshore.agent.networkdriver.none.NoneNetworkDriver;
import io.longshore.agent.networkdriver.overlay.OverlayNetworkDriver;
import io.longshore.agent.networkdriver.simulated.SimulatedNetworkDriver;
import io.longshore.agent.overlay.OtherNodes;
import io.longshore.agent.sandbox.KernelNamespaces;
import io.longshore.agent.sandbox.NameService;
import io.longshore.agent.sandbox.Namespaces;
import io.longshore.agent.sandbox.NetworkDrivers;
import io.longshore.agent.sandbox.SandboxService;
import io.longshore.agent.sandbox.Sandboxes;
import io.longshore.agent.sandbox.SimulatedNamespaces;
import io.longshore.agent.volumedriver.VolumeDriverSource;
import io.longshore.agent.volumedriver.VolumeDrivers;
import io.longshore.agent.volumedriver.local.LocalVolumeDriver;
import io.longshore.agent.volumedriver.plugin.PluginVolumeDrivers;
import io.longshore.agent.volumedriver.simulated.SimulatedVolumeDriver;
import io.longshore.oci.tar.TarLimits;
import io.longshore.platform.run.RunProperties;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import tools.jackson.databind.json.JsonMapper;

/** Chooses the drivers. A simulated one answers to the names of those that it stands for. */
@Configuration(proxyBeanMethods = false)
class DriverWiring {
    static final String LONGSHORE = "longshore";
    private static final Path RESOLV_CONF = Path.of("/etc/resolv.conf");

    @Bean
    Syscalls syscalls() {
        return new JnaSyscalls();
    }

    @Bean
    WalkMemory walkMemory() {
        return WalkMemory.ofHeap();
    }

    @Bean
    GraphDriver graphDriver(AgentProperties properties, Syscalls syscalls, WorkDirectory work, WalkMemory memory)
            throws IOException {
        if (!properties.driversOrDefault().nativeGraph()) {
            GraphOwner.claim(work, "simulated");
            return SimulatedGraphDriver.open(syscalls, work.path(), TarLimits.DEFAULT, memory);
        }
        return switch (properties.storageDriverOrDefault()) {
            case OVERLAY2 -> {
                GraphOwner.claim(work, "overlay2");
                yield Overlay2GraphDriver.open(syscalls, work.path(), TarLimits.DEFAULT, memory);
            }
            case VFS -> {
                GraphOwner.claim(work, "vfs");
                yield VfsGraphDriver.open(syscalls, work.path(), TarLimits.DEFAULT, memory);
            }
        };
    }

    @Bean
    VolumeDriverSource volumePlugins(
            AgentProperties properties, RunProperties run, Syscalls syscalls, WorkDirectory work, WalkMemory memory) {
        if (!properties.driversOrDefault().nativeVolume()) {
            return VolumeDriverSource.NONE;
        }
        AgentProperties.VolumePlugins plugins = properties.volumePluginsOrDefault();
        Path own = properties.runDirectoryOrDefault();
        return new PluginVolumeDrivers(
                syscalls,
                memory,
                new PluginVolumeDrivers.Settings(
                        plugins.socketsOrDefault(),
                        plugins.descriptionsOrDefault(),
                        plugins.deadlineOrDefault(),
                        work.state("volume-plugins"),
                        own.resolve("volumes"),
                        List.of(work.path(), own, run.directoryOrDefault())));
    }

    @Bean
    VolumeDrivers volumeDrivers(
            AgentProperties properties,
            VolumeDriverSource plugins,
            Syscalls syscalls,
            WorkDirectory work,
            WalkMemory memory) {
        Path directory = work.path().resolve("volumes");
        return new VolumeDrivers(
                properties.driversOrDefault().nativeVolume()
                        ? new LocalVolumeDriver(syscalls, directory, memory)
                        : new SimulatedVolumeDriver(directory),
                plugins);
    }

    @Bean
    AppArmor appArmor(AgentProperties properties) {
        return properties.driversOrDefault().nativeExec() ? AppArmor.load() : AppArmor.NONE;
    }

    @Bean
    ExecDriver execDriver(AgentProperties properties, Syscalls syscalls, AppArmor appArmor) {
        return properties.driversOrDefault().nativeExec()
                ? LibcontainerExecDriver.open(
                        syscalls,
                        new JnaSeccompLibrary(syscalls),
                        properties.runDirectoryOrDefault(),
                        properties.cgroupRootOrDefault(),
                        appArmor,
                        properties.attachStallOrDefault(),
                        List.of(OciRuntimes.of(runtimes(properties))))
                : new SimulatedExecDriver();
    }

    /** The OCI runtimes that containers of this node may ask for. */
    private static Map<String, RuntimeBinary> runtimes(AgentProperties properties) {
        Map<String, AgentProperties.OciRuntime> configured = properties.runtimes();
        return configured == null
                ? RuntimeBinary.installed()
                : configured.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, runtime -> binary(runtime.getValue())));
    }

    private static RuntimeBinary binary(AgentProperties.OciRuntime runtime) {
        return new RuntimeBinary(runtime.binary(), runtime.argumentsOrNone());
    }

    @Bean
    Drivers drivers(ExecDriver exec, Sandboxes networks, VolumeDrivers volumes, GraphRoots roots) {
        Map<String, ExecDriver> byRuntime = new HashMap<>(Map.of(LONGSHORE, exec));
        exec.runtimes().forEach(name -> byRuntime.put(name, exec));
        return new Drivers(byRuntime, networks, volumes, roots);
    }

    @Bean
    NetworkDrivers networkDrivers(AgentProperties properties, Syscalls syscalls, WorkDirectory work, JsonMapper json)
            throws IOException {
        if (!properties.driversOrDefault().nativeNetwork()) {
            return new NetworkDrivers(List.of(
                    new SimulatedNetworkDriver("null", Place.ALONE),
                    new SimulatedNetworkDriver("host", Place.NODE),
                    new SimulatedNetworkDriver("bridge", Place.SANDBOX),
                    new SimulatedNetworkDriver("overlay", Place.SANDBOX)));
        }
        Path directory = work.path().resolve("network");
        String table = properties.firewallTableOrDefault();
        NetworkDriver bridge = BridgeNetworkDriver.open(syscalls, JnaNftablesLibrary::open, directory, table, json);
        NetworkDriver overlay = OverlayNetworkDriver.open(syscalls, bridge);
        return new NetworkDrivers(List.of(new NoneNetworkDriver(), new HostNetworkDriver(), bridge, overlay));
    }

    /** What is served inside of sandboxes. */
    @Bean
    SandboxService sandboxService(AgentProperties properties, Syscalls syscalls, Names names) {
        return properties.driversOrDefault().nativeNetwork()
                ? new NameService(names.server(syscalls), names.names(), RESOLV_CONF)
                : SandboxService.NONE;
    }

    /** Closed after the sandboxes are. */
    @Bean(destroyMethod = "close")
    Names names() {
        return new Names();
    }

    /** The embedded DNS server, which is there when somebody needs it. */
    static final class Names implements AutoCloseable {
        private final NetworkNames names = new NetworkNames();
        private @Nullable EmbeddedDns server;

        NetworkNames names() {
            return names;
        }

        synchronized EmbeddedDns server(Syscalls syscalls) {
            if (server == null) {
                server = EmbeddedDns.start(syscalls, names, RESOLV_CONF);
            }
            return server;
        }

        @Override
        public synchronized void close() {
            if (server != null) {
                server.close();
            }
        }
    }

    /** Closed before the sandboxes are. */
    @Bean(destroyMethod = "close")
    OtherNodes otherNodes(WorkDirectory work, JsonMapper json, Names names, Sandboxes networks) {
        return new OtherNodes(work.state("other-nodes"), json, names.names(), networks::peers);
    }

    @Bean
    Forwards forwards(WorkDirectory work, JsonMapper json, Sandboxes networks) throws IOException {
        return new Forwards(networks, work.state("forwards"), json, System::nanoTime);
    }

    @Bean(destroyMethod = "close")
    Sandboxes sandboxes(
            AgentProperties properties,
            Syscalls syscalls,
            NetworkDrivers networks,
            SandboxService service,
            WorkDirectory work,
            JsonMapper json)
            throws IOException {
        boolean isNative = properties.driversOrDefault().nativeNetwork();
        Path run = isNative ? properties.runDirectoryOrDefault() : work.path().resolve("network");
        Namespaces namespaces = isNative
                ? new KernelNamespaces(syscalls, run.resolve("netns"), service, properties.sandboxPoolOrDefault())
                : new SimulatedNamespaces();
        // Calls into the kernel, of which those for one network namespace wait for each other there.
        NativePool pool = new NativePool("network", 16, 4096);
        return new Sandboxes(networks, namespaces, run.resolve("sandboxes"), json, pool);
    }
}
