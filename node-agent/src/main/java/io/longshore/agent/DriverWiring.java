package io.longshore.agent;

import io.longshore.agent.apparmor.AppArmor;
import io.longshore.agent.container.Drivers;
import io.longshore.agent.execdriver.ExecDriver;
import io.longshore.agent.execdriver.libcontainer.LibcontainerExecDriver;
import io.longshore.agent.execdriver.oci.OciRuntimes;
import io.longshore.agent.execdriver.oci.RuntimeBinary;
import io.longshore.agent.execdriver.simulated.SimulatedExecDriver;
import io.longshore.agent.graphdriver.GraphDriver;
import io.longshore.agent.graphdriver.overlay2.Overlay2GraphDriver;
import io.longshore.agent.graphdriver.simulated.SimulatedGraphDriver;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaSeccompLibrary;
import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.WalkMemory;
import io.longshore.agent.networkdriver.NetworkDriver;
import io.longshore.agent.networkdriver.host.HostNetworkDriver;
import io.longshore.agent.networkdriver.none.NoneNetworkDriver;
import io.longshore.agent.networkdriver.simulated.SimulatedNetworkDriver;
import io.longshore.agent.volumedriver.VolumeDriver;
import io.longshore.agent.volumedriver.local.LocalVolumeDriver;
import io.longshore.agent.volumedriver.simulated.SimulatedVolumeDriver;
import io.longshore.oci.tar.TarLimits;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Chooses the drivers. A simulated one answers to the names of those that it stands for. */
@Configuration(proxyBeanMethods = false)
class DriverWiring {
    static final String LONGSHORE = "longshore";

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
        return properties.driversOrDefault().nativeGraph()
                ? Overlay2GraphDriver.open(syscalls, work.path(), TarLimits.DEFAULT, memory)
                : SimulatedGraphDriver.open(syscalls, work.path(), TarLimits.DEFAULT, memory);
    }

    @Bean
    VolumeDriver volumeDriver(AgentProperties properties, Syscalls syscalls, WorkDirectory work, WalkMemory memory) {
        return properties.driversOrDefault().nativeVolume()
                ? new LocalVolumeDriver(syscalls, work.path().resolve("volumes"), memory)
                : new SimulatedVolumeDriver(work.path().resolve("volumes"));
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
    Drivers drivers(AgentProperties properties, ExecDriver exec, VolumeDriver volumes, GraphRoots roots) {
        Map<String, ExecDriver> byRuntime = new HashMap<>(Map.of(LONGSHORE, exec));
        exec.runtimes().forEach(name -> byRuntime.put(name, exec));
        Stream<NetworkDriver> networks = properties.driversOrDefault().nativeNetwork()
                ? Stream.of(new NoneNetworkDriver(), new HostNetworkDriver())
                : Stream.of(new SimulatedNetworkDriver("null"), new SimulatedNetworkDriver("host"));
        return new Drivers(
                byRuntime, networks.collect(Collectors.toMap(NetworkDriver::name, driver -> driver)), volumes, roots);
    }
}
