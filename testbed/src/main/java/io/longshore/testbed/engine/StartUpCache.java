package io.longshore.testbed.engine;

import io.longshore.testbed.process.Trees;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The start-up cache of the JVMs that tests start: the classes of all parts, read and verified (JEP 350). It halves the processor time of
 * a start, and is made in a few seconds, where the launcher's, which has profiles as well, takes most of a minute. Made once for a
 * class path, for all forms and all JVMs of the tests, in the directory that {@code -Dacceptance.cache} names; without one there is
 * no cache. Thread-safe, and safe beside other test JVMs.
 */
final class StartUpCache {
    private static final String DIRECTORY = "acceptance.cache";
    /** A start of a JVM without a program takes half a second. */
    private static final int CHECK_SECONDS = 60;

    private static final Map<String, String> SIMULATED = Map.of(
            "LONGSHORE_AGENT_DRIVERS_EXEC", "simulated",
            "LONGSHORE_AGENT_DRIVERS_GRAPH", "simulated",
            "LONGSHORE_AGENT_DRIVERS_VOLUME", "simulated",
            "LONGSHORE_AGENT_DRIVERS_NETWORK", "simulated");

    private StartUpCache() {}

    /** Whether many will start, so that it pays to make one. */
    static boolean wanted() {
        return !System.getProperty(DIRECTORY, "").isEmpty();
    }

    /** The options with the cache for Longshore's class path, which is made if it is not there. */
    static List<String> with(List<String> options) {
        if (!wanted()) {
            return options;
        }
        Path directory = Path.of(System.getProperty(DIRECTORY, ""));
        try {
            List<String> all = new ArrayList<>(options);
            all.add("-XX:SharedArchiveFile=" + made(Files.createDirectories(directory), LongshoreHome.classPath()));
            return List.copyOf(all);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the start-up cache in " + directory, e);
        }
    }

    /** One at a time, in this JVM and in all: the others wait for it and have it. */
    private static synchronized Path made(Path directory, String classPath) throws IOException {
        Path cache = directory.resolve(key(classPath) + ".jsa");
        try (FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.lock(); // closing the channel lets it go
            if (!Files.exists(cache)) {
                removeOthers(directory);
                train(directory.resolve("unfinished.jsa"));
                Files.move(directory.resolve("unfinished.jsa"), cache, StandardCopyOption.ATOMIC_MOVE);
            }
            return cache;
        }
    }

    /** Of earlier builds: nobody starts with their jars any more, and a JVM that did keeps what it has opened. */
    private static void removeOthers(Path directory) throws IOException {
        try (DirectoryStream<Path> caches = Files.newDirectoryStream(directory, "*.jsa")) {
            for (Path other : caches) {
                Files.deleteIfExists(other);
            }
        }
    }

    /** The JVM takes a cache only with the jars that it was made with, by their names, sizes and times. */
    private static String key(String classPath) throws IOException {
        StringBuilder jars = new StringBuilder(System.getProperty("java.vm.version", ""));
        jars.append(System.getProperty("java.home", ""));
        for (String jar : classPath.split(":")) {
            Path path = Path.of(jar);
            jars.append('\n').append(jar).append(' ').append(Files.size(path)).append(' ');
            jars.append(Files.getLastModifiedTime(path));
        }
        try {
            byte[] all = jars.toString().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(all), 0, 8);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** All parts in one JVM, started and stopped; with simulated drivers, since the real ones would look after this machine. */
    private static void train(Path cache) throws IOException {
        Path root = Files.createTempDirectory("longshore-training-");
        List<String> options = new ArrayList<>(LauncherOptions.read());
        options.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:ArchiveClassesAtExit=" + cache));
        try (Standalone training = Standalone.start(root.resolve("training"), SIMULATED, options)) {
            training.stop();
            LongshoreHome home = LongshoreHome.make(root.resolve("check"));
            // With this the JVM does not start if it cannot use the cache, be it cut off or made for other jars.
            List<String> check = List.of("-Xshare:on", "-XX:SharedArchiveFile=" + cache);
            Process checking = home.java("-version", "check.out", Map.of(), check);
            if (!checking.waitFor(CHECK_SECONDS, TimeUnit.SECONDS) || checking.exitValue() != 0) {
                Ended.kill(checking);
                throw new IllegalStateException("no JVM can use the start-up cache:\n"
                        + Logs.tail(home.root().resolve("check.out")) + training.log());
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted", e);
        } finally {
            Trees.delete(root);
        }
    }
}
