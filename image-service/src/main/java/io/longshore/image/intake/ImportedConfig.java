package io.longshore.image.intake;

import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageConfig;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an import says of the image to make.
 *
 * @param message becomes the comment
 * @param platform for which the file system is
 * @param config the defaults for containers
 */
public record ImportedConfig(String message, Platform platform, ImageConfig config) {
    /** Where the image's programs run: {@code linux/arm64/v8}, of which only the operating system need be there. */
    public record Platform(String architecture, @Nullable String variant) {
        private static final Pattern FORM =
                Pattern.compile("([a-z0-9_.-]{1,32})(?:/([a-z0-9_.-]{1,32}))?(?:/([a-z0-9_.-]{1,32}))?");
        private static final Platform OURS = new Platform(
                System.getProperty("os.arch").equals("aarch64") ? "arm64" : System.getProperty("os.arch"), null);

        /** Reads the query parameter; this machine's when there is none. */
        static Platform parse(@Nullable String text) {
            if (text == null || text.isEmpty()) {
                return OURS;
            }
            Matcher matcher = FORM.matcher(text.toLowerCase(Locale.ROOT));
            if (!matcher.matches()) {
                throw new Failure.Invalid("invalid platform \"" + text + "\": want linux/architecture[/variant]");
            }
            if (!matcher.group(1).equals("linux")) {
                throw new Failure.Invalid("cannot import an image of operating system \"" + matcher.group(1)
                        + "\" (platform \"" + text + "\"): want linux/architecture[/variant]");
            }
            return matcher.group(2) == null ? OURS : new Platform(matcher.group(2), matcher.group(3));
        }
    }

    /** The image of this one layer: its configuration document (OCI image spec, config.md), and the id that follows from it. */
    LoadedImage image(LoadedLayer layer, Instant created) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("architecture", platform.architecture());
        if (platform.variant() != null) {
            document.put("variant", platform.variant());
        }
        document.put("comment", message);
        document.put("config", config);
        document.put("created", created.toString());
        document.put("history", List.of(Map.of("created", created.toString(), "comment", message)));
        document.put("os", "linux");
        document.put(
                "rootfs",
                Map.of("type", "layers", "diff_ids", List.of(layer.diffId().value())));
        byte[] json = Json.bytes(document);
        return new LoadedImage(Digest.of(json), new String(json, StandardCharsets.UTF_8), List.of(), List.of(layer));
    }
}
