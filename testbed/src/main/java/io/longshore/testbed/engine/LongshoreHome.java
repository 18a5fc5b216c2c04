package io.longshore.testbed.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The directories and the configuration of a Longshore of a test's own, and the JVMs that run its parts. Nothing of it touches
 * {@code /var/lib/longshore} or {@code /run/longshore}.
 *
 * @param root below which everything lies, in a directory made for the test; other users may pass through both, as PostgreSQL's must
 * @param network the network namespace in which its JVMs are; null for the one of this JVM
 * @param jars class path of another build of Longshore; null for the one that is tested
 */
record LongshoreHome(
        Path root, @Nullable Path network, @Nullable String jars) {
    /** A user that every Debian has, with a group of its name, that owns no process here: PostgreSQL runs as it. */
    static final String POSTGRES_USER = "backup";

    /** What tests share, those of other modules too: unpacking PostgreSQL takes longer than starting it. */
    private static final Path SHARED_BINARIES =
            Path.of("/var/tmp", "longshore-test-postgres-" + System.getProperty("user.name"));

    /** Where the classes of the tests and of this module are; Longshore has no use for them. */
    private static final Set<Path> OWN = Set.of(
            Path.of("target/classes").toAbsolutePath(),
            Path.of("target/test-classes").toAbsolutePath(),
            Path.of(URI.create(LongshoreHome.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toString())));

    LongshoreHome(Path root) {
        this(root, null, null);
    }

    LongshoreHome(Path root, @Nullable Path network) {
        this(root, network, null);
    }

    /** The same of the Longshore that is tested. */
    LongshoreHome upgraded() {
        return new LongshoreHome(root, network);
    }

    /** Makes the directories and the configuration file. */
    static LongshoreHome make(Path root) {
        return make(new LongshoreHome(root));
    }

    static LongshoreHome make(LongshoreHome home) {
        Path root = home.root();
        try {
            Files.createDirectories(root);
            passable(root);
            passable(root.resolve("..").normalize());
            Files.createDirectories(home.plugins());
            Files.writeString(home.configuration(), home.yaml());
            return home;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + root, e);
        }
    }

    private static void passable(Path directory) throws IOException {
        var permissions = Files.getPosixFilePermissions(directory);
        if (permissions.addAll(PosixFilePermissions.fromString("--x--x--x"))) {
            Files.setPosixFilePermissions(directory, permissions);
        }
    }

    /** Makes what a standalone makes for itself, and an operator for separate processes: the key of kept logins. */
    Path makeLoginKey() {
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        Path file = root.resolve("login-key");
        try {
            Files.writeString(file, Base64.getEncoder().encodeToString(key));
            return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make " + file, e);
        }
    }

    Path configuration() {
        return root.resolve("longshore.yaml");
    }

    Path socket() {
        return root.resolve("run/longshore.sock");
    }

    Path work() {
        return root.resolve("work");
    }

    /** Where PostgreSQL's programs are: in its own directory, unless this is a test, which makes many of them. */
    static Path postgresBinaries(Path own) {
        return StartUpCache.wanted() ? SHARED_BINARIES : own;
    }

    /** In /run, and short: the path of a supervisor's socket has room for 107 bytes, of which the container's id takes 64. */
    Path agentRun() {
        return Path.of("/run/ls-" + ProcessHandle.current().pid() + "-"
                + root.getFileName().toString().charAt(0));
    }

    /** Of its own: the machine's are for whoever else runs there. */
    Path plugins() {
        return root.resolve("plugins");
    }

    /** A cgroup of its own in every hierarchy, {@code /name}, so that what is left there is this Longshore's. */
    String cgroup() {
        return "/longshore-" + agentRun().getFileName();
    }

    /** The sockets on which the parts hear each other. */
    Path services() {
        return root.resolve("run/services");
    }

    /** What the JVMs take for random(4)'s boot_id once it is there: that of another boot of the machine. */
    Path bootId() {
        return root.resolve("boot_id");
    }

    /** What a crash left half made is swept soon, so that a check need not wait minutes for it. */
    private String yaml() {
        return """
                run:
                  directory: %1$s/run
                agent:
                  work-directory: %1$s/work
                  run-directory: %3$s
                  cgroup-root: %4$s
                  attach-stall: %6$ss
                  sandbox-pool: %7$d
                  firewall-table: %8$s
                  volume-plugins:
                    sockets: %1$s/plugins
                    descriptions: %1$s/plugins
                    deadline: 15s
                network:
                  bridge: %8$s
                  sweep:
                    every: 2s
                    leave-for: 30s
                volume:
                  sweep:
                    every: 2s
                    leave-for: 30s
                image:
                  sweep:
                    every: 5s
                container:
                  reconcile:
                    every: 2s
                    sweep-every: 2s
                    leave-for: 30s
                standalone:
                  work-directory: %1$s/work
                  postgres-user: %2$s
                  postgres-binaries: %5$s
                """.formatted(
                        root,
                        POSTGRES_USER,
                        agentRun(),
                        cgroup(),
                        postgresBinaries(work().resolve("postgres")),
                        Longshore.ATTACH_STALL.toSeconds(),
                        Longshore.PREPARED_SANDBOXES,
                        own());
    }

    /** The name of its table of rules and of its first bridge: others beside it in one network have other ones. */
    String own() {
        return "br" + ProcessHandle.current().pid()
                + root.getFileName().toString().charAt(0);
    }

    /**
     * Starts a JVM with Longshore's class path and the launcher's options, in a mount namespace of its own, as the launcher does.
     *
     * @param main the class with the {@code main}
     * @param log where what it writes goes, relative to the root
     * @param more environment variables
     * @param options for the JVM
     * @param arguments for the program
     */
    Process java(String main, String log, Map<String, String> more, List<String> options, String... arguments) {
        List<String> command = new ArrayList<>();
        if (network != null) {
            command.addAll(List.of("nsenter", "--net=" + network));
        }
        command.addAll(List.of("unshare", "--mount", "--propagation", "slave"));
        if (Files.exists(bootId())) {
            String shell = "mount --bind \"$1\" /proc/sys/kernel/random/boot_id && shift && exec \"$@\"";
            command.addAll(List.of("sh", "-c", shell, "sh", bootId().toString()));
        }
        command.add(Path.of(System.getProperty("java.home"), "bin/java").toString());
        command.addAll(options);
        command.addAll(List.of(
                "--enable-native-access=ALL-UNNAMED",
                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                "-XX:+UseSerialGC",
                // As the launcher has it: a JVM that lost a thread to a full heap may take requests and never answer
                // them.
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                jars == null ? classPath() : jars,
                main));
        command.addAll(List.of("--config", configuration().toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(
                        ProcessBuilder.Redirect.appendTo(root.resolve(log).toFile()));
        builder.environment().putAll(more);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot start " + main, e);
        }
    }

    /**
     * {@code -Dlongshore.classpath}, or this JVM's own, which failsafe keeps in a property since it starts from a manifest; without the
     * directories of the tests' own classes.
     */
    static String classPath() {
        for (String property : List.of("longshore.classpath", "surefire.test.class.path", "java.class.path")) {
            String value = System.getProperty(property, "");
            if (!value.isEmpty()) {
                return Stream.of(value.split(":"))
                        .filter(entry -> !OWN.contains(Path.of(entry)))
                        .collect(Collectors.joining(":"));
            }
        }
        throw new IllegalStateException("no class path");
    }

    /** Whether Longshore's classes are on the class path. */
    static boolean has(String className) {
        String file = className.replace('.', '/') + ".class";
        for (String entry : classPath().split(":")) {
            Path path = Path.of(entry);
            if (Files.isDirectory(path) && Files.exists(path.resolve(file))) {
                return true;
            }
            if (Files.isRegularFile(path) && inJar(path, file)) {
                return true;
            }
        }
        return false;
    }

    private static boolean inJar(Path jar, String file) {
        try (java.util.jar.JarFile opened = new java.util.jar.JarFile(jar.toFile())) {
            return opened.getEntry(file) != null;
        } catch (IOException e) {
            return false;
        }
    }
}
