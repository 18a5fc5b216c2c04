package io.longshore.agent.execdriver.oci;

import io.longshore.agent.execdriver.libcontainer.plan.OciFiles;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** The bundle of one container (runtime-spec, bundle.md): nothing in it outlives the container, so nothing is synced. */
final class Bundle {
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

    /** A runtime says a few lines; what is read of one that says more. */
    private static final int LONGEST_LOG = 64 << 10;

    private final OciFiles files;

    Bundle(OciFiles files) {
        this.files = files;
    }

    OciFiles files() {
        return files;
    }

    /** Makes it, with the command by which the runtime forgets the container. */
    void make(List<String> deletion) {
        try {
            Files.createDirectories(Path.of(files.bundle()), PRIVATE);
            Files.createDirectories(Path.of(files.shm()));
            Files.write(Path.of(files.command()), deletion);
        } catch (IOException e) {
            throw new Failure.Internal("cannot make the bundle " + files.bundle() + ": " + e.getMessage(), e);
        }
    }

    /** @param places paths in the bundle where something is to be mounted: whether each is a directory or a file */
    void makePlaces(Map<String, Boolean> places) {
        try {
            for (Map.Entry<String, Boolean> place : places.entrySet()) {
                Path path = Path.of(place.getKey());
                Files.createDirectories(place.getValue() ? path : path.resolveSibling("."), PRIVATE);
                if (!place.getValue()) {
                    Files.createFile(path);
                }
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot make the bundle " + files.bundle() + ": " + e.getMessage(), e);
        }
    }

    /** @param source the init's binary; the copy is the container's own, which may write to it if it is privileged */
    void copyInit(String source) {
        Path copy = Path.of(files.init());
        try {
            Files.copy(Path.of(source), copy);
            Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("r-xr-xr-x"));
        } catch (IOException e) {
            throw new Failure.Internal("cannot copy the init to " + copy + ": " + e.getMessage(), e);
        }
    }

    void write(Map<String, Object> config) {
        try {
            Files.write(Path.of(files.config()), Json.bytes(config));
        } catch (IOException e) {
            throw new Failure.Internal("cannot write " + files.config() + ": " + e.getMessage(), e);
        }
    }

    /** The last error that the runtime has logged; empty if it has logged none. */
    String lastError() {
        return log().lines().map(Bundle::error).filter(said -> !said.isEmpty()).reduce("", (earlier, later) -> later);
    }

    /** What a line of the log says if it says an error; a line that is cut off, or not the runtime's, says none. */
    private static String error(String line) {
        try {
            JsonNode entry = Json.mapper().readTree(line);
            boolean error = entry.path("level").asString("").matches("error|fatal");
            return error ? entry.path("msg").asString("").strip() : "";
        } catch (JacksonException e) {
            return "";
        }
    }

    private String log() {
        try (InputStream in = Files.newInputStream(Path.of(files.log()))) {
            return new String(in.readNBytes(LONGEST_LOG), StandardCharsets.UTF_8);
        } catch (NoSuchFileException e) {
            return "";
        } catch (IOException e) {
            throw new Failure.Internal("cannot read " + files.log() + ": " + e.getMessage(), e);
        }
    }
}
