package io.longshore.image.distribution;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.manifest.ImageConfiguration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For which machine an image is wanted: {@code linux/arm64/v8}, {@code linux}, {@code arm64} (containerd, platforms).
 *
 * @param variant null for any
 */
record Platform(String os, String architecture, @Nullable String variant) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64", "armhf", "arm", "armel", "arm", "i386", "386");

    /** This machine's. */
    static final Platform OWN = new Platform("linux", architecture(System.getProperty("os.arch")), null);

    /** Reads one; this machine's for null or nothing. */
    static Platform parse(@Nullable String text) {
        if (text == null || text.isEmpty()) {
            return OWN;
        }
        if (text.startsWith("{")) {
            throw new Failure.Invalid("invalid platform " + text + ": write it as os/architecture/variant");
        }
        String[] parts = text.toLowerCase(Locale.ROOT).split("/", -1);
        for (String part : parts) {
            if (parts.length > 3 || !WORD.matcher(part).matches()) {
                throw new Failure.Invalid("\"" + text + "\": invalid platform: want os/architecture/variant");
            }
        }
        if (parts.length == 1) {
            return parts[0].equals("linux") ? OWN : new Platform("linux", architecture(parts[0]), null);
        }
        String variant = parts.length == 3 ? parts[2] : null;
        return new Platform(parts[0], architecture(parts[1]), variant);
    }

    private static String architecture(String name) {
        return OTHER_NAMES.getOrDefault(name, name);
    }

    /** The image for it in an index; {@link Failure.NotFound} in Docker's words. */
    Descriptor choose(Document.Index index) {
        List<Descriptor> fitting = index.manifests().stream().filter(this::fits).toList();
        return fitting.stream()
                .filter(descriptor -> variant == null || variant.equals(variantOf(descriptor)))
                .findFirst()
                .or(() -> fitting.stream()
                        .filter(descriptor -> variantOf(descriptor) == null)
                        .findFirst())
                .orElseThrow(() ->
                        new Failure.NotFound("no matching manifest for " + this + " in the manifest list entries"));
    }

    private boolean fits(Descriptor descriptor) {
        Descriptor.Platform platform = descriptor.platform();
        return platform != null && os.equals(platform.os()) && architecture.equals(platform.architecture());
    }

    private static @Nullable String variantOf(Descriptor descriptor) {
        Descriptor.Platform platform = descriptor.platform();
        String found = platform == null ? null : platform.variant();
        return found == null || found.isEmpty() ? null : found;
    }

    /** Whether an image is for it. */
    boolean is(ImageConfiguration image) {
        return os.equals(image.operatingSystem())
                && (image.architecture() == null || architecture.equals(image.architecture()));
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant == null ? "" : "/" + variant);
    }
}
