package io.longshore.agent;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.ContainerSpec.ContainerProcess;
import io.longshore.contracts.agent.ContainerSpec.HealthCheck;
import io.longshore.contracts.agent.ContainerSpec.Image;
import io.longshore.contracts.agent.ContainerSpec.Log;
import io.longshore.contracts.agent.ContainerSpec.Mount;
import io.longshore.contracts.agent.ContainerSpec.Network;
import io.longshore.contracts.agent.ContainerSpec.Resources;
import io.longshore.contracts.agent.ContainerSpec.Security;
import io.longshore.contracts.agent.ContainerSpec.Stop;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Specifications for tests: a small container without a network, varied by the {@code with} methods. Immutable. */
public record Specs(
        List<Digest> layers,
        List<String> command,
        boolean openStdin,
        boolean tty,
        List<Mount> mounts,
        String logDriver,
        int generation,
        @Nullable HealthCheck healthCheck) {
    private static final List<String> CAPABILITIES = List.of(
            "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SYS_CHROOT");

    /** A container of an image with these layers that runs {@code command}. */
    public static Specs of(List<Digest> layers, String... command) {
        return new Specs(layers, List.of(command), false, false, List.of(), "json-file", 1, null);
    }

    /** The same with standard input that ends with the first client's. */
    public Specs withInput() {
        return new Specs(layers, command, true, tty, mounts, logDriver, generation, healthCheck);
    }

    /** The same with a volume. */
    public Specs withVolume(String name, String destination) {
        Mount mount = new Mount(Mount.Kind.VOLUME, name, destination, false, List.of(), false);
        return new Specs(layers, command, openStdin, tty, List.of(mount), logDriver, generation, healthCheck);
    }

    /** The same with a volume that is filled from the image. */
    public Specs withFilledVolume(String name, String destination) {
        Mount mount = new Mount(Mount.Kind.VOLUME, name, destination, false, List.of(), true);
        return new Specs(layers, command, openStdin, tty, List.of(mount), logDriver, generation, healthCheck);
    }

    /** The same with another log driver. */
    public Specs withLog(String driver) {
        return new Specs(layers, command, openStdin, tty, mounts, driver, generation, healthCheck);
    }

    /** The same with a health check. */
    public Specs withHealthCheck(HealthCheck check) {
        return new Specs(layers, command, openStdin, tty, mounts, logDriver, generation, check);
    }

    /** The same in another generation. */
    public Specs inGeneration(int number) {
        return new Specs(layers, command, openStdin, tty, mounts, logDriver, number, healthCheck);
    }

    /** The specification for this container. */
    public ContainerSpec spec(ContainerId id) {
        return new ContainerSpec(
                id,
                generation,
                "test",
                "default",
                id.shortForm(),
                "",
                new Image(Digest.of(new byte[0]), "test:latest", layers),
                new ContainerProcess(
                        command,
                        List.of("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
                        "",
                        List.of(),
                        "/",
                        tty,
                        openStdin,
                        openStdin,
                        0,
                        List.of(),
                        false),
                false,
                mounts,
                Network.of(EndpointSpec.plain("1".repeat(64), NetworkSpec.plain("0".repeat(64), "none", "null"))),
                Resources.none(),
                new Security(
                        CAPABILITIES,
                        false,
                        "default",
                        "default",
                        false,
                        List.of(),
                        List.of(),
                        "host",
                        ContainerSpec.Namespaces.PRIVATE,
                        List.of(),
                        List.of(),
                        Map.of()),
                64L << 20,
                new Log(logDriver, 1L << 20, 3, logDriver.equals("local"), Map.of()),
                new Stop(15, 10),
                ContainerSpec.Restart.NO,
                healthCheck,
                "longshore",
                Map.of());
    }
}
