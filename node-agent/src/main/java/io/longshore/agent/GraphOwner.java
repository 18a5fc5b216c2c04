package io.longshore.agent;

import io.longshore.platform.file.DurableFile;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * To which graph driver a work directory belongs. What one driver keeps is nothing to another, while the services go on listing images and
 * containers: so a directory with layers or containers stays with its driver, and one without may change it.
 */
final class GraphOwner {
    private static final String STATE = "graph-driver";

    /** Each has a directory of its name; an agent from before the state file is known by that. */
    private static final List<String> DRIVERS = List.of("overlay2", "vfs", "simulated");

    private GraphOwner() {}

    /** Takes the work directory for a driver; {@link StartFailure} when another has something in it. */
    static void claim(WorkDirectory work, String driver) {
        Path directory = work.path();
        try {
            String owner = owner(work);
            if (driver.equals(owner)) {
                return;
            }
            if (owner != null && isUsed(directory, owner)) {
                throw new StartFailure("the work directory " + directory
                        + " has images or containers of the graph driver " + owner + ", which " + driver
                        + " cannot use; go on with " + owner + " (agent.storage-driver, agent.drivers.graph), remove"
                        + " them with it first, or set agent.work-directory to another one");
            }
            DurableFile.write(work.state(STATE), (driver + "\n").getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new StartFailure("cannot find out to which graph driver " + directory + " belongs: " + e, e);
        }
    }

    private static @Nullable String owner(WorkDirectory work) throws IOException {
        try {
            return Files.readString(work.state(STATE)).strip();
        } catch (NoSuchFileException e) {
            return DRIVERS.stream()
                    .filter(name -> Files.isDirectory(work.path().resolve(name), LinkOption.NOFOLLOW_LINKS))
                    .findFirst()
                    .orElse(null);
        }
    }

    private static boolean isUsed(Path work, String driver) throws IOException {
        String containers = driver.equals("simulated") ? driver : driver + "/containers";
        return hasAny(work.resolve("layers")) || hasAny(work.resolve(containers));
    }

    private static boolean hasAny(Path directory) throws IOException {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.findAny().isPresent();
        } catch (NoSuchFileException e) {
            return false;
        }
    }
}
