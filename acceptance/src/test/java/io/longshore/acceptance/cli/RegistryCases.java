package io.longshore.acceptance.cli;

import io.longshore.acceptance.running.Form;
import io.longshore.acceptance.running.RunningEngines;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;

/** Cases with a registry that the engine reaches on 127.0.0.1, empty at the beginning of a class: Docker Engine has a network of its own. */
abstract class RegistryCases extends CliCases {
    private static final Map<Form, DebianRegistry> RUNNING = new ConcurrentHashMap<>();

    @BeforeParameterizedClassInvocation
    static void startRegistry(Subject subject, RunningEngines.Started engines) throws IOException {
        Path directory = Files.createTempDirectory("longshore-registry-");
        RUNNING.put(
                subject.form(),
                DebianRegistry.start(
                        directory,
                        DebianRegistry.Options.OPEN,
                        engines.of(subject.form()).neighbour()));
    }

    @AfterParameterizedClassInvocation
    static void stopRegistry(Subject subject) throws IOException {
        DebianRegistry registry = RUNNING.remove(subject.form());
        if (registry != null) {
            registry.close();
        }
    }

    DebianRegistry registry() {
        return Objects.requireNonNull(RUNNING.get(subject.form()));
    }

    /** Images of two layers that no other image has. */
    static SavedImage image(String tag) {
        return new SavedImage(
                List.of(tag),
                Map.of("Entrypoint", List.of("/bin/echo", "entry"), "Cmd", List.of("from", "image")),
                List.of(
                        base(),
                        new TarArchive()
                                .file("second", "from the second layer\n")
                                .bytes()));
    }

    /** The lower one of its layers, as an image. */
    static SavedImage baseImage(String tag) {
        return new SavedImage(List.of(tag), Map.of("Cmd", List.of("sh")), List.of(base()));
    }

    private static byte[] base() {
        return new TarArchive(Busybox.layer()).file("from-a-registry", "yes\n").bytes();
    }

    /** The full name of a repository of the registry, with or without a tag. */
    String at(String name) {
        return registry().host() + "/" + name;
    }

    @AfterEach
    void removeImages() {
        if (docker == null) {
            return; // Not a case of this engine's.
        }
        // Before the containers are: an image keeps its layers while one is on it.
        docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
        for (String image :
                docker.probe("images --no-trunc -q").lines().stream().distinct().toList()) {
            docker.probe("image inspect --format {{.RepoTags}} " + image).lines().stream()
                    .filter(tags -> !tags.contains("busybox:latest]") || tags.contains("/"))
                    .forEach(tags -> removeNames(image));
        }
    }

    private void removeNames(String image) {
        String names = docker.probe(
                        "image inspect --format '{{range .RepoTags}}{{.}} {{end}}{{range .RepoDigests}}{{.}} {{end}}' "
                                + image)
                .text();
        for (String name : names.isEmpty() ? new String[] {image} : names.split(" ")) {
            if (!name.equals("busybox:latest")) {
                docker.probe("rmi -f " + name);
            }
        }
    }
}
