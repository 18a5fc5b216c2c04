package io.longshore.testbed.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** The options that {@code ./longshore up} gives the JVM, read from the script, so that what users run is what is tested. */
final class LauncherOptions {
    /** {@code jvm=("$java" OPTION... -cp}. */
    private static final Pattern JVM = Pattern.compile("jvm=\\(\"\\$java\"\\s+(-[^\"$]*?)\\s+-cp ");

    private LauncherOptions() {}

    static List<String> read() {
        Path script = script();
        try {
            Matcher options = JVM.matcher(Files.readString(script));
            if (!options.find()) {
                throw new IllegalStateException("no jvm=(\"$java\" ... -cp ...) in " + script);
            }
            return List.of(options.group(1).split("\\s+"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + script, e);
        }
    }

    /** In the top folder of the project, at or above the directory that Maven runs in. */
    private static Path script() {
        Path here = Path.of("").toAbsolutePath();
        return Stream.iterate(here, directory -> directory != null, Path::getParent)
                .map(directory -> directory.resolve("longshore"))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no launcher script at or above " + here));
    }
}
