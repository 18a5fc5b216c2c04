package io.longshore.agent.execdriver.oci;

import io.longshore.agent.execdriver.libcontainer.plan.OciFiles;
import io.longshore.agent.linux.NativePool;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The bundles of a node, in the run directory: {@code ID.bundle}. */
final class Bundles {
    private static final Logger LOG = LoggerFactory.getLogger(Bundles.class);
    private static final String ENDING = ".bundle";
    private static final Duration DELETION = Duration.ofSeconds(10);
    private static final Map<String, String> ENVIRONMENT =
            Map.of("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");

    private final Path directory;
    private final NativePool pool;

    /** @param pool where a runtime's end is waited for */
    Bundles(Path directory, NativePool pool) {
        this.directory = directory;
        this.pool = pool;
    }

    Bundle of(ContainerId id) {
        return new Bundle(files(id));
    }

    private OciFiles files(ContainerId id) {
        return new OciFiles(directory.resolve(id + ENDING).toString());
    }

    /** The containers that have one. */
    Set<ContainerId> held() {
        Set<ContainerId> found = new LinkedHashSet<>();
        try (DirectoryStream<Path> bundles = Files.newDirectoryStream(directory, "*" + ENDING)) {
            for (Path bundle : bundles) {
                String name = bundle.getFileName().toString();
                found.add(ContainerId.parse(name.substring(0, name.length() - ENDING.length())));
            }
            return found;
        } catch (IOException e) {
            throw new Failure.Internal("cannot list " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Has the runtime forget the container, and removes the bundle. No error when there is none. */
    void remove(ContainerId id) {
        OciFiles files = files(id);
        Path bundle = Path.of(files.bundle());
        if (!Files.isDirectory(bundle)) {
            return;
        }
        if (Files.isDirectory(Path.of(files.state(), id.value()))) {
            delete(files);
        }
        try (Stream<Path> all = Files.walk(bundle)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(each);
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot remove the bundle " + bundle + ": " + e.getMessage(), e);
        }
    }

    /** What a runtime keeps elsewhere than in its state, as a virtual machine, only it can let go. */
    private void delete(OciFiles files) {
        try {
            List<String> command = Files.readAllLines(Path.of(files.command()));
            int code = pool.call(() -> run(command), DELETION.multipliedBy(2));
            if (code != 0) {
                LOG.warn("{} ends with {}; its files are removed all the same", String.join(" ", command), code);
            }
        } catch (IOException e) {
            LOG.warn("the runtime does not forget {}; its files are removed all the same", files.bundle(), e);
        }
    }

    private static int run(List<String> command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.DISCARD);
        builder.environment().clear();
        builder.environment().putAll(ENVIRONMENT);
        Process process = builder.start();
        try {
            process.getOutputStream().close();
            if (!process.waitFor(DELETION.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException(String.join(" ", command) + " does not end within " + DELETION);
            }
            return process.exitValue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            process.destroyForcibly();
        }
    }
}
