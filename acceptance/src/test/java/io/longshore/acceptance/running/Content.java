package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.SavedImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/** What the node keeps of images: for each layer of those that are listed its metadata, its tree and its blob. */
final class Content {
    private Content() {}

    static void compare(Longshore longshore, Differences wrong) {
        Set<String> diffs = new HashSet<>();
        Set<String> chains = new HashSet<>();
        for (JsonNode image : longshore.call(Request.get("/images/json?all=1")).json()) {
            String chain = "";
            for (JsonNode layer : longshore
                    .call(Request.get("/images/" + image.path("Id").asString() + "/json"))
                    .json()
                    .path("RootFS")
                    .path("Layers")) {
                String diff = layer.asString();
                // OCI image specification, config.md, Layer ChainID.
                chain = chain.isEmpty()
                        ? diff
                        : "sha256:" + SavedImage.digest((chain + " " + diff).getBytes(StandardCharsets.UTF_8));
                diffs.add(diff.substring("sha256:".length()));
                chains.add(chain.substring("sha256:".length()));
            }
        }
        Path work = longshore.work();
        Set<String> layers = Machine.names(work.resolve("layers")).stream()
                .map(name -> name.replaceFirst("\\.json$", ""))
                .collect(Collectors.toSet());
        wrong.same("layers", layers, chains);
        wrong.same("trees of layers", Machine.matching(longshore.layers(), "[0-9a-f]{64}"), chains);
        Set<String> mountPoints = Machine.matching(longshore.layers(), "[0-9a-f]{64}-init").stream()
                .map(name -> name.replaceFirst("-init$", ""))
                .collect(Collectors.toSet());
        wrong.within("trees of mount points", mountPoints, chains);
        wrong.within("short names of no tree", dangling(longshore.layers().resolve("l")), Set.of());
        wrong.same("blobs by diff id", Machine.names(work.resolve("content/diffs")), diffs);
        wrong.within("blobs that are not what their digest says", damaged(work.resolve("content/sha256")), Set.of());
        wrong.same("blobs", Machine.names(work.resolve("content/sha256")), targets(work.resolve("content/diffs")));
    }

    private static Set<String> damaged(Path directory) {
        return Machine.names(directory).stream()
                .filter(name -> {
                    try {
                        return !SavedImage.digest(Files.readAllBytes(directory.resolve(name)))
                                .equals(name);
                    } catch (NoSuchFileException e) {
                        return false; // Removed meanwhile.
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .collect(Collectors.toSet());
    }

    private static Set<String> dangling(Path directory) {
        return links(directory)
                .filter(link -> !Files.exists(link))
                .map(Path::toString)
                .collect(Collectors.toSet());
    }

    private static Set<String> targets(Path directory) {
        return links(directory)
                .map(link -> {
                    try {
                        return Files.readSymbolicLink(link).getFileName().toString();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .collect(Collectors.toSet());
    }

    private static Stream<Path> links(Path directory) {
        return Machine.names(directory).stream().map(directory::resolve);
    }
}
