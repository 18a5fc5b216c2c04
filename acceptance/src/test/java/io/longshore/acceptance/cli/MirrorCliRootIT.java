package io.longshore.acceptance.cli;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.LeakCheck;
import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.process.Trees;
import io.longshore.testbed.registry.DebianRegistry;
import io.longshore.testbed.registry.DebianRegistry.Options;
import io.longshore.testbed.registry.PrivateAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Engines that are configured with a mirror of docker.io, which is a registry without TLS in a private network, and with that as an
 * insecure registry. docker.io itself cannot be reached from the tests' network.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("subjects")
class MirrorCliRootIT {
    private static final SavedImage IMAGE = new SavedImage(
            List.of("busybox:mirrored"),
            Map.of("Entrypoint", List.of("/bin/echo", "entry"), "Cmd", List.of("from", "image")),
            List.of(new TarArchive(Busybox.layer()).file("mirrored", "yes\n").bytes()));

    /** Insecure registries that are not there. */
    private static final String BLOCK = "198.51.100.0/24";

    @SuppressWarnings("NullAway.Init")
    private static Path directory;

    private static @Nullable Engine engine;
    private static @Nullable DebianRegistry registry;

    @Parameter
    @SuppressWarnings("NullAway.Init")
    Subject subject;

    @SuppressWarnings("NullAway.Init")
    private Docker docker;

    static Stream<Subject> subjects() {
        return Subject.oneForm();
    }

    @BeforeParameterizedClassInvocation
    static void start(Subject subject) throws IOException {
        // What failed to start is not to be closed for it once more.
        engine = null;
        registry = null;
        directory = Files.createTempDirectory("longshore-mirror-");
        if (subject.form() == Form.DOCKER) {
            DockerEngine peer = DockerEngine.start(directory.resolve("mirrored"));
            engine = peer;
            String host = serve(peer.processOf("dockerd").orElseThrow());
            peer.configure("{\"registry-mirrors\":[\"http://%s\"],\"insecure-registries\":[\"%s\",\"%s\"]}"
                    .formatted(host, host, BLOCK));
        } else {
            String host = serve(null);
            engine = Standalone.start(
                    directory.resolve("mirrored"),
                    Map.of(
                            "LONGSHORE_IMAGE_REGISTRY_MIRRORS",
                            "http://" + host,
                            "LONGSHORE_IMAGE_REGISTRY_INSECURE",
                            host + "," + BLOCK));
        }
    }

    /** Starts the registry, and gives its host and port. */
    private static String serve(@Nullable ProcessHandle neighbour) {
        Options plain = new Options(PrivateAddress.in(neighbour), false, null, null);
        DebianRegistry started = DebianRegistry.start(directory.resolve("registry"), plain, neighbour);
        registry = started;
        started.put(IMAGE, "library/busybox:mirrored");
        started.put(IMAGE, "app:1");
        return started.host();
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        try {
            if (engine instanceof Longshore longshore) {
                LeakCheck.check(longshore);
            }
        } finally {
            close();
        }
    }

    /** Each of them, whatever becomes of the others. */
    private static void close() {
        try {
            if (engine != null) {
                engine.close();
            }
        } finally {
            try {
                if (registry != null) {
                    registry.close();
                }
            } finally {
                Trees.delete(directory);
            }
        }
    }

    @BeforeEach
    void open() throws IOException {
        docker = new Docker(subject, requireNonNull(engine), Files.createTempDirectory("longshore-case-"));
    }

    @AfterEach
    void removeImages() {
        docker.probe("images --format {{.Repository}}:{{.Tag}}")
                .lines()
                .forEach(name -> docker.probe("rmi -f " + name));
        Trees.delete(docker.home());
    }

    @Test
    void dockerIosImagesComeFromTheMirror() {
        docker.ok("pull busybox:mirrored")
                .printsPart(
                        "mirrored: Pulling from library/busybox\n",
                        "Status: Downloaded newer image for busybox:mirrored\n",
                        "docker.io/library/busybox:mirrored\n");
        assertThat(docker.value("busybox:mirrored", "{{.Id}}")).isEqualTo(IMAGE.id());
        docker.ok("run --rm --network none docker.io/library/busybox:mirrored").prints("entry from image\n");
        docker.ok("run --rm --pull always --network none busybox:mirrored").prints("entry from image\n");
    }

    @Test
    void whatTheMirrorLacksIsAskedForAtDockerIo() {
        docker.run("pull busybox:nosuch").exits(1).says("registry-1.docker.io");
        assertThat(docker.probe("images -q").text()).isEmpty();
    }

    @Test
    void anotherRegistrysImagesAreNotTheMirrors() {
        docker.run("pull 127.0.0.1:1/library/busybox:mirrored").exits(1).says("127.0.0.1:1");
    }

    @Test
    void aRegistryThatIsListedMayDoWithoutTls() {
        String app = requireNonNull(registry).host() + "/app:";
        docker.ok("pull -q " + app + 1).prints(app + "1\n");
        docker.ok("tag " + app + "1 " + app + "2");
        docker.ok("push -q " + app + 2).prints(app + "2\n");
        docker.ok("rmi " + app + "1 " + app + 2);
        docker.ok("run --rm --network none " + app + 2).prints("entry from image\n");
    }

    @Test
    void infoTellsOfBoth() {
        String host = requireNonNull(registry).host();
        docker.ok("info --format '{{json .RegistryConfig.Mirrors}}'").prints("[\"http://" + host + "/\"]\n");
        docker.ok("info --format '{{json (index .RegistryConfig.IndexConfigs \"docker.io\").Mirrors}}'")
                .prints("[\"http://" + host + "/\"]\n");
        docker.ok("info --format '{{json (index .RegistryConfig.IndexConfigs \"" + host + "\")}}'")
                .prints("{\"Name\":\"" + host + "\",\"Mirrors\":[],\"Secure\":false,\"Official\":false}\n");
        docker.ok("info --format '{{json .RegistryConfig.InsecureRegistryCIDRs}}'")
                .printsMatch("^\\[\"" + BLOCK + "\",\"127.0.0.0/8\"(,\"::1/128\")?]\n$");
        docker.ok("info")
                .printsPart(" Insecure Registries:\n", "  " + host + "\n", "  " + BLOCK + "\n", "  127.0.0.0/8\n")
                .printsPart(" Registry Mirrors:\n  http://" + host + "/\n");
    }
}
