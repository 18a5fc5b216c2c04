package io.longshore.agent.log;

import io.longshore.contracts.agent.ContainerSpec;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where a container's log lies and how its supervisor writes it ({@code log.h}).
 *
 * @param path of the newest file
 * @param form of a line
 * @param files kept in all, the newest included
 * @param compressed whether the older files keep their numbers, so that {@link LogCompression} can replace them
 * @param attributes what goes with every line; a line of json-file has them itself
 */
public record ContainerLog(Path path, Form form, int files, boolean compressed, Map<String, String> attributes) {
    /** How a line is written. */
    public enum Form {
        /** Docker's: a JSON object. */
        JSON_FILE,
        /** Ours: time, stream and length before the bytes as they came. */
        LOCAL
    }

    /** That of a container whose files lie in this directory. With driver {@code none} nothing is ever there. */
    public static ContainerLog of(ContainerSpec spec, Path directory) {
        ContainerSpec.Log log = spec.log();
        boolean local = log.driver().equals("local");
        return new ContainerLog(
                directory.resolve(local ? "container.log" : spec.id() + "-json.log"),
                local ? Form.LOCAL : Form.JSON_FILE,
                log.maxFiles(),
                log.compress() && log.maxFiles() > 1 && !log.driver().equals("none"),
                log.attributes());
    }

    /** One of the older files. */
    Path numbered(long number) {
        return path.resolveSibling(path.getFileName() + "." + number);
    }

    /** One of the older files, compressed. */
    Path zipped(long number) {
        return path.resolveSibling(path.getFileName() + "." + number + ".gz");
    }
}
