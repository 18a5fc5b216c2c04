package io.longshore.image.distribution;

import io.longshore.contracts.error.Failure;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.manifest.ImageConfiguration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * For which machine an image is wanted: {@code linux/arm64/v8}, {@code linux}, {@code arm64} (containerd, platforms). However it is
 * written, one machine is one platform: {@code arm} is {@code arm/v7}, and {@code arm64/v8} is {@code arm64}.
 *
 * @param variant null for the one that is meant where none is written
 */
record Platform(String os, String architecture, @Nullable String variant) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    private static final Map<String, String> OTHER_NAMES = Map.of(
            "x86_64", "amd64", "x86-64", "amd64", "aarch64", "arm64", "armhf", "arm", "armel", "arm", "i386", "386");

    /** Which variant is meant where none is written, by the architecture as it is written. */
    private static final Map<String, String> MEANT = Map.of("arm", "v7", "armhf", "v7", "armel", "v6");

    /** The first variants, of which each runs what is made for the ones before it. */
    private static final Map<String, Integer> FIRST = Map.of("arm", 5, "amd64", 1, "arm64", 8);

    private static final Pattern VARIANT = Pattern.compile("v(\\d{1,3})");

    /** This machine's. */
    static final Platform OWN = new Platform("linux", System.getProperty("os.arch"), null);

    Platform {
        String written = variant == null || variant.isEmpty() ? MEANT.get(architecture) : variant;
        architecture = OTHER_NAMES.getOrDefault(architecture, architecture);
        String named = written == null || !Character.isDigit(written.charAt(0)) ? written : "v" + written;
        boolean plain = !architecture.equals("arm") && ("v" + FIRST.get(architecture)).equals(named);
        variant = plain ? null : named;
    }

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
            return parts[0].equals("linux") ? OWN : new Platform("linux", parts[0], null);
        }
        return new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : null);
    }

    /** The image for it in an index; {@link Failure.NotFound} in Docker's words. */
    Descriptor choose(Document.Index index) {
        for (Platform platform : served()) {
            for (Descriptor descriptor : index.manifests()) {
                if (platform.equals(of(descriptor))) {
                    return descriptor;
                }
            }
        }
        throw new Failure.NotFound("no matching manifest for " + this + " in the manifest list entries");
    }

    /** Itself, and those whose images run on it, too: the best first. */
    private List<Platform> served() {
        List<Platform> all = new ArrayList<>(List.of(this));
        Matcher number = VARIANT.matcher(variant == null ? "" : variant);
        Integer first = FIRST.get(architecture);
        if (first != null && number.matches()) {
            for (int lower = Integer.parseInt(number.group(1)) - 1; lower >= first; lower--) {
                all.add(new Platform(os, architecture, "v" + lower));
            }
        }
        return all;
    }

    private static @Nullable Platform of(Descriptor descriptor) {
        Descriptor.Platform platform = descriptor.platform();
        return platform == null || platform.os() == null || platform.architecture() == null
                ? null
                : new Platform(platform.os(), platform.architecture(), platform.variant());
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
