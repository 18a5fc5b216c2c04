package io.longshore.agent.graphdriver.overlay2;

import io.longshore.agent.graphdriver.DriverDirectory;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Names of trees that are short enough for many of them in one mount: {@code l/<short>} links to the {@code diff} of the tree whose file
 * {@code link} has that name. All of them are the agent's own. Thread-safe.
 */
final class ShortNames {
    /** The directory of the links, in the driver's. */
    static final String LINKS = "l";

    private static final String LINK = "link";
    private static final SecureRandom RANDOM = new SecureRandom();
    private static final String ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    /** 125 layers of these, each behind /proc/self/fd/NNNNN/l/, fit the page that mount(2) takes. */
    private static final int LENGTH = 6;

    private final Path directory;
    private final Path links;
    private final Map<String, String> names = new ConcurrentHashMap<>();

    private ShortNames(Path directory) {
        this.directory = directory;
        this.links = directory.resolve(LINKS);
    }

    /** Takes the names of the driver's trees, and puts right what a crash may have left: a link without a tree, a tree without its link. */
    static ShortNames open(DriverDirectory driver) throws IOException {
        ShortNames opened = new ShortNames(driver.path());
        Files.createDirectories(opened.links);
        for (String tree : driver.trees()) {
            opened.names.put(
                    tree, Files.readString(opened.directory.resolve(tree).resolve(LINK)));
        }
        try (Stream<Path> found = Files.list(opened.links)) {
            for (Path link : found.toList()) {
                String tree = String.valueOf(Files.readSymbolicLink(link).getName(1));
                if (!link.getFileName().toString().equals(opened.names.get(tree))) {
                    Files.delete(link);
                }
            }
        }
        for (Map.Entry<String, String> entry : opened.names.entrySet()) {
            Path link = opened.links.resolve(entry.getValue());
            if (!Files.exists(link, LinkOption.NOFOLLOW_LINKS)) {
                Files.createSymbolicLink(link, target(entry.getKey()));
            }
        }
        return opened;
    }

    /** The name of a tree's content relative to the driver's directory. */
    String of(String tree) throws IOException {
        String name = names.get(tree);
        if (name == null) {
            throw new IOException("layer tree " + directory.resolve(tree) + " is missing");
        }
        return LINKS + "/" + name;
    }

    /** Gives a finished temporary tree its name in the driver's directory and a short one, durably. */
    void commit(DriverDirectory driver, Path temporary, String tree) throws IOException {
        String name = draw(tree);
        try {
            Files.writeString(temporary.resolve(LINK), name, StandardCharsets.US_ASCII);
            names.put(tree, name);
            driver.commit(temporary, tree);
            DurableFile.syncDirectory(links);
        } catch (IOException e) {
            forget(tree);
            Files.deleteIfExists(links.resolve(name));
            throw e;
        }
    }

    private String draw(String tree) throws IOException {
        while (true) {
            StringBuilder name = new StringBuilder(LENGTH);
            for (int i = 0; i < LENGTH; i++) {
                name.append(ALPHABET.charAt(RANDOM.nextInt(ALPHABET.length())));
            }
            try {
                Files.createSymbolicLink(links.resolve(name.toString()), target(tree));
                return name.toString();
            } catch (FileAlreadyExistsException e) {
                // Taken: once in a billion times the number of layers. Draw again.
            }
        }
    }

    private static Path target(String tree) {
        return Path.of("..", tree, DriverDirectory.DIFF);
    }

    /** Takes the name of a tree that is to be removed; nothing happens when it has none. */
    void forget(String tree) throws IOException {
        String name = names.remove(tree);
        if (name != null) {
            Files.deleteIfExists(links.resolve(name));
        }
    }
}
