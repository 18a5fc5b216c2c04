package io.longshore.volume;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The body of {@code POST /volumes/create} (Engine API, VolumeCreateOptions).
 *
 * @param name empty for one that gets any
 * @param driver null or empty for {@code local}
 * @param options of the driver; null when there are none
 * @param labels null when there are none
 */
record NewVolume(
        @JsonProperty("Name") String name,
        @JsonProperty("Driver") @Nullable String driver,
        @JsonProperty("DriverOpts") @Nullable Map<String, String> options,
        @JsonProperty("Labels") @Nullable Map<String, String> labels) {
    /** What one volume may carry in all: it is read with every list. */
    private static final int MOST_TEXT = 256 << 10;

    NewVolume {
        name = Objects.requireNonNullElse(name, "");
    }

    /** Reads a body; {@code Invalid} says what is wrong with it and where. */
    static NewVolume parse(byte[] body) {
        if (body.length == 0) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        if (body.length > MOST_TEXT) {
            throw new Failure.TooLarge(
                    "a volume's options and labels may have " + MOST_TEXT + " bytes, not " + body.length);
        }
        try {
            JsonNode tree = Json.mapper().readTree(body);
            if (!tree.isObject()) {
                throw new Failure.Invalid("invalid JSON: the body must be an object, got " + tree.getNodeType());
            }
            if (tree.toString().contains("\\u0000")) {
                throw new Failure.Invalid("invalid volume: its name, options or labels contain a NUL character");
            }
            if (tree.hasNonNull("ClusterVolumeSpec")) {
                throw new Failure.NotImplemented("ClusterVolumeSpec is not available in Longshore: leave it out");
            }
            return Json.mapper().treeToValue(tree, NewVolume.class);
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid JSON: " + Json.problem(e), e);
        }
    }
}
