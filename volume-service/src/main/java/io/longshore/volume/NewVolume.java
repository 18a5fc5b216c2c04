package io.longshore.volume;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.ClientJson;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

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
        if (body.length > MOST_TEXT) {
            throw new Failure.TooLarge(
                    "a volume's options and labels may have " + MOST_TEXT + " bytes, not " + body.length);
        }
        return ClientJson.object(body, fields -> {
            if (fields.hasNonNull("ClusterVolumeSpec")) {
                throw new Failure.NotImplemented("ClusterVolumeSpec is not available in Longshore: leave it out");
            }
            return ClientJson.value(fields, NewVolume.class);
        });
    }
}
