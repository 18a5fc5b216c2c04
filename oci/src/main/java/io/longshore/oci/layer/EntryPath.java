package io.longshore.oci.layer;

import io.longshore.contracts.error.Failure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * The place of an entry in a layer: relative, no empty, {@code .} or {@code ..} components. The root itself has none.
 *
 * @param components from the root down
 */
public record EntryPath(List<String> components) {
    /** PATH_MAX without its NUL, limits.h. */
    private static final int MAX_PATH = 4095;
    /** NAME_MAX, limits.h. */
    private static final int MAX_NAME = 255;
    /** Far deeper than any tree that people make, and as deep as one is copied into a volume. */
    private static final int MAX_DEPTH = 1000;

    public EntryPath {
        components = List.copyOf(components);
    }

    /**
     * Reads a name from an archive. An absolute one (kaniko's, ko's) is of the layer's root, as for Docker; {@code ..} is
     * {@link Failure.Invalid}: no honest writer of layers makes it.
     */
    public static EntryPath parse(String name) {
        if (name.getBytes(StandardCharsets.UTF_8).length > MAX_PATH) {
            throw new Failure.Invalid("invalid layer: entry \"" + name.substring(0, 64)
                    + "...\": the name is longer than " + MAX_PATH + " bytes");
        }
        List<String> components = new ArrayList<>();
        for (String component : name.split("/")) {
            if (component.equals("..")) {
                throw new Failure.Invalid("invalid layer: entry \"" + name + "\": \"..\" is not allowed in a name");
            }
            if (component.getBytes(StandardCharsets.UTF_8).length > MAX_NAME) {
                throw new Failure.Invalid("invalid layer: entry \"" + name.substring(0, 64)
                        + "...\": a component of the name is longer than " + MAX_NAME + " bytes");
            }
            if (!component.isEmpty() && !component.equals(".")) {
                components.add(component);
            }
        }
        if (components.size() > MAX_DEPTH) {
            throw new Failure.Invalid("invalid layer: entry \"" + name.substring(0, 64) + "...\": nested "
                    + components.size() + " deep, at most " + MAX_DEPTH + " directories are allowed");
        }
        return new EntryPath(components);
    }

    /** Whether it is the layer's root. */
    public boolean isRoot() {
        return components.isEmpty();
    }

    /** The last component; empty for the root. */
    public String name() {
        return components.isEmpty() ? "" : components.getLast();
    }

    /** The directory it is in; the root is its own. */
    public EntryPath parent() {
        return components.isEmpty() ? this : new EntryPath(components.subList(0, components.size() - 1));
    }

    /** What has this name in this directory. */
    public EntryPath child(String name) {
        List<String> longer = new ArrayList<>(components);
        longer.add(name);
        return new EntryPath(longer);
    }

    /** The components joined by slashes; empty for the root. */
    @Override
    public String toString() {
        return String.join("/", components);
    }
}
