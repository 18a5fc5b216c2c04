package io.longshore.agent.volumedriver.plugin;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * Where plugins are found (Docker, Plugin discovery): {@code NAME.sock} in the directory of sockets, or {@code NAME.spec} and
 * {@code NAME.json} in another, which say where the socket is; each also in a directory {@code NAME}. Nothing is kept: a plugin comes and
 * goes. Links are not followed, and a directory that others may write to counts for nothing: who puts a socket there would say what is
 * mounted into containers.
 *
 * @param sockets with sockets
 * @param descriptions with descriptions, in the order in which they are looked through
 */
record PluginDirectories(Path sockets, List<Path> descriptions) {
    private static final Logger LOG = LoggerFactory.getLogger(PluginDirectories.class);
    private static final String SOCKET = ".sock";
    private static final List<String> DESCRIPTIONS = List.of(".spec", ".json");
    private static final String UNIX = "unix://";
    /** Of a description, in bytes. */
    private static final int LARGEST = 64 << 10;
    /** What a list of all asks one after the other. */
    private static final int MOST = 64;

    private static final int TYPE = 0170000;
    private static final int IS_SOCKET = 0140000;
    private static final int IS_DIRECTORY = 0040000;
    private static final int WRITABLE_BY_OTHERS = 0022;
    /** Of the user that the agent runs as: a number of a process, whatever it is a link to. */
    private static final Path SELF = Path.of("/proc/self/stat");

    PluginDirectories {
        descriptions = List.copyOf(descriptions);
    }

    /** The socket of a plugin; empty when there is no such plugin. {@code INVALID} names a description that leads nowhere. */
    Optional<Path> socket(PluginName name) {
        for (Path socket : places(sockets, name, SOCKET)) {
            if (isSocket(socket)) {
                return Optional.of(socket);
            }
        }
        for (Path directory : descriptions) {
            for (String ending : DESCRIPTIONS) {
                for (Path file : places(directory, name, ending)) {
                    if (Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                        return Optional.of(described(file));
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** The names of all that there are, in order; no more than a node has. */
    List<PluginName> names() {
        TreeSet<String> names = new TreeSet<>();
        collect(sockets, List.of(SOCKET), names);
        descriptions.forEach(directory -> collect(directory, DESCRIPTIONS, names));
        if (names.size() > MOST) {
            LOG.warn("{} plugins in {} and {}: only {} are looked at", names.size(), sockets, descriptions, MOST);
        }
        return names.stream()
                .limit(MOST)
                .flatMap(name -> PluginName.parse(name).stream())
                .toList();
    }

    private static void collect(Path directory, List<String> endings, TreeSet<String> names) {
        if (!trusted(directory)) {
            return;
        }
        try (Stream<Path> entries = Files.list(directory)) {
            for (Path entry : entries.toList()) {
                String name = String.valueOf(entry.getFileName());
                for (String ending : endings) {
                    if (name.endsWith(ending)) {
                        names.add(name.substring(0, name.length() - ending.length()));
                    } else if (Files.exists(entry.resolve(name + ending), LinkOption.NOFOLLOW_LINKS)) {
                        names.add(name);
                    }
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot look for plugins in {}: {}", directory, e.toString());
        }
    }

    private static List<Path> places(Path directory, PluginName name, String ending) {
        if (!trusted(directory)) {
            return List.of();
        }
        Path flat = directory.resolve(name + ending);
        Path own = directory.resolve(name.value());
        return trusted(own) ? List.of(flat, own.resolve(name + ending)) : List.of(flat);
    }

    /** Whether it is a directory, no link to one, that nobody but its owner, who is root or ourselves, may write to. */
    private static boolean trusted(Path directory) {
        Integer mode = attribute(directory, "unix:mode");
        Integer owner = attribute(directory, "unix:uid");
        if (mode == null || owner == null || (mode & TYPE) != IS_DIRECTORY) {
            return false;
        }
        if ((mode & WRITABLE_BY_OTHERS) != 0 || (owner != 0 && !owner.equals(attribute(SELF, "unix:uid")))) {
            LOG.warn("plugins in {} are passed over: others than root may write to it", directory);
            return false;
        }
        return true;
    }

    private static boolean isSocket(Path path) {
        Integer mode = attribute(path, "unix:mode");
        return mode != null && (mode & TYPE) == IS_SOCKET;
    }

    private static @Nullable Integer attribute(Path path, String name) {
        try {
            return (Integer) Files.getAttribute(path, name, LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            LOG.warn("cannot look at {}: {}", path, e.toString());
            return null;
        }
    }

    private static Path described(Path file) {
        String address = address(file);
        if (!address.startsWith(UNIX)) {
            throw new Failure.Invalid("plugin description " + file + ": the address \"" + shortened(address)
                    + "\" is not unix:///PATH; a plugin over TCP is not called, since nobody vouches for who answers");
        }
        Path socket = path(address.substring(UNIX.length()), file);
        if (!isSocket(socket)) {
            throw new Failure.Unavailable(
                    "plugin description " + file + ": " + socket + " is no socket; is the plugin running?");
        }
        return socket;
    }

    private static Path path(String text, Path file) {
        Path path = text.indexOf('\0') >= 0 ? Path.of("") : Path.of(text);
        if (!path.isAbsolute() || !path.equals(path.normalize())) {
            throw new Failure.Invalid(
                    "plugin description " + file + ": \"" + shortened(text) + "\" is not an absolute path in full");
        }
        return path;
    }

    private static String address(Path file) {
        try {
            if (Files.size(file) > LARGEST) {
                throw new Failure.TooLarge("plugin description " + file + " is larger than " + LARGEST + " bytes");
            }
            byte[] content = Files.readAllBytes(file);
            return String.valueOf(file.getFileName()).endsWith(".json")
                    ? Json.mapper().readTree(content).path("Addr").asString("")
                    : new String(content, StandardCharsets.UTF_8).strip();
        } catch (IOException | JacksonException e) {
            throw new Failure.Invalid("plugin description " + file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static String shortened(String text) {
        return PluginText.of(text, 200);
    }
}
