package io.longshore.acceptance.api;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/** The Engine API's description (OpenAPI), which is kept beside the project and not in it. */
final class Description {
    private Description() {}

    /** Where it is, if it is here: {@code -Dacceptance.contract}, looked for from the working directory upwards. */
    static Optional<Path> file() {
        Path given = Path.of(System.getProperty("acceptance.contract", "../shared/reference/engine-api-v1.51.yaml"));
        return Stream.iterate(Path.of("").toAbsolutePath(), directory -> directory != null, Path::getParent)
                .map(directory -> directory.resolve(given))
                .filter(Files::exists)
                .findFirst();
    }
}
