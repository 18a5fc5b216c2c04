package io.longshore.agent.execdriver.oci;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * The binary of an OCI runtime.
 *
 * @param path absolute
 * @param arguments that go before each verb
 */
public record RuntimeBinary(Path path, List<String> arguments) {
    private static final List<String> DIRECTORIES =
            List.of("/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin");

    /** Names as clients of Docker Engine know them, and what they are called on a disk. */
    private static final Map<String, String> KNOWN =
            Map.of("runc", "runc", "io.containerd.runc.v2", "runc", "crun", "crun");

    public RuntimeBinary {
        if (!path.isAbsolute()) {
            throw new IllegalArgumentException("the path \"" + path + "\" of a runtime is not absolute");
        }
        arguments = List.copyOf(arguments);
    }

    /** Those that this machine has where distributions put them, by the names that {@code --runtime} takes. */
    public static Map<String, RuntimeBinary> installed() {
        Map<String, RuntimeBinary> found = new TreeMap<>();
        KNOWN.forEach((name, file) ->
                installed(file).ifPresent(path -> found.put(name, new RuntimeBinary(path, List.of()))));
        return found;
    }

    private static Optional<Path> installed(String file) {
        return DIRECTORIES.stream()
                .flatMap(directory -> Stream.of(Path.of(directory, file)))
                .filter(Files::isExecutable)
                .findFirst();
    }
}
