package io.longshore.testbed.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The cgroups below one name in every hierarchy under {@code /sys/fs/cgroup}, v1, hybrid or v2. */
public final class Cgroups {
    private static final Path ROOT = Path.of("/sys/fs/cgroup");

    private Cgroups() {}

    /** All directories at and below {@code path} ({@code /name}), deepest first. */
    public static List<Path> below(String path) {
        try (Stream<Path> hierarchies = Files.list(ROOT)) {
            return Stream.concat(Stream.of(ROOT), hierarchies)
                    .map(hierarchy -> hierarchy.resolve(path.substring(1)))
                    .filter(Files::isDirectory)
                    .distinct()
                    .flatMap(Cgroups::walk)
                    .sorted(Comparator.comparingInt(Path::getNameCount).reversed())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets frozen processes below go on (version 1): until then they do not end, whatever kills them. */
    static void thaw(String path) {
        for (Path directory : below(path)) {
            Path state = directory.resolve("freezer.state");
            if (Files.exists(state)) {
                try {
                    Files.writeString(state, "THAWED");
                } catch (IOException e) {
                    throw new UncheckedIOException("cannot thaw " + directory, e);
                }
            }
        }
    }

    /** Removes them, waiting a moment for their last processes to be gone. */
    public static void remove(String path) {
        List<Path> left = below(path);
        for (int attempt = 0; attempt < 100 && !left.isEmpty(); attempt++) {
            left.forEach(directory -> directory.toFile().delete());
            left = below(path);
            LockSupport.parkNanos(left.isEmpty() ? 0 : 20_000_000);
        }
        if (!left.isEmpty()) {
            throw new IllegalStateException("cgroups that cannot be removed: " + left);
        }
    }

    private static Stream<Path> walk(Path top) {
        try (Stream<Path> all = Files.walk(top)) {
            return all.filter(Files::isDirectory).toList().stream();
        } catch (IOException | UncheckedIOException e) {
            return Stream.of(top);
        }
    }
}
