package io.longshore.agent.networkdriver.bridge;

import io.longshore.contracts.agent.NetworkSpec;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A file for each network, which outlives the machine's power. Thread-safe for different networks. */
final class BridgeRecords {
    private static final Logger LOG = LoggerFactory.getLogger(BridgeRecords.class);
    private static final String ENDING = ".json";

    private final Path directory;
    private final JsonMapper json;

    BridgeRecords(Path directory, JsonMapper json) throws IOException {
        this.directory = directory;
        this.json = json;
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    List<NetworkSpec> load() throws IOException {
        List<NetworkSpec> found = new ArrayList<>();
        try (Stream<Path> files = Files.list(directory)) {
            for (Path file :
                    files.filter(each -> each.toString().endsWith(ENDING)).toList()) {
                try {
                    found.add(json.readValue(Files.readAllBytes(file), NetworkSpec.class));
                } catch (JacksonException e) {
                    LOG.error("{} cannot be read, so that network is not there; create it again", file, e);
                }
            }
        }
        return found;
    }

    void write(NetworkSpec network) throws IOException {
        DurableFile.write(file(network.id()), json.writeValueAsBytes(network));
    }

    void delete(String id) throws IOException {
        if (Files.deleteIfExists(file(id))) {
            DurableFile.syncDirectory(directory);
        }
    }

    private Path file(String id) {
        return directory.resolve(id + ENDING);
    }
}
