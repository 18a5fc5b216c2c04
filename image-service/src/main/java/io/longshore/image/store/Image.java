package io.longshore.image.store;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.manifest.ImageConfiguration;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Version;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An image: its configuration as it came, and what this installation knows beside it. */
@Entity
public class Image {
    @EmbeddedId
    private ImageKey key = new ImageKey("", "");

    @Version
    private @Nullable Integer version;

    private String configJson = "{}";
    private long size;
    private @Nullable Instant created;
    private @Nullable String parent;
    private @Nullable Instant taggedAt;
    private String graphDriver = "";
    private @Nullable Instant removedAt;

    protected Image() {}

    /**
     * A new image.
     *
     * @param size of all layers, unpacked, in bytes
     * @param graphDriver with which the node keeps it
     */
    public Image(String project, Digest id, String configJson, long size, String graphDriver) {
        this.key = new ImageKey(project, id.value());
        this.configJson = configJson;
        this.size = size;
        this.graphDriver = graphDriver;
        this.created = time(configuration().created());
    }

    /** An RFC 3339 time; null when there is none or it is malformed. */
    public static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null || text.isEmpty()
                    ? null
                    : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null; // Told as it is written; for sorting it has no time.
        }
    }

    public Digest id() {
        return Digest.parse(key.id());
    }

    public String project() {
        return key.project();
    }

    public ImageConfiguration configuration() {
        return ImageConfiguration.parse("image " + key.id(), configJson.getBytes(StandardCharsets.UTF_8));
    }

    /** Its labels; empty when it has none. */
    public Map<String, String> labels() {
        var config = configuration().config();
        return config == null || config.labels() == null ? Map.of() : config.labels();
    }

    /** With which storage driver the node keeps it. */
    public String graphDriver() {
        return graphDriver;
    }

    public String configJson() {
        return configJson;
    }

    public long size() {
        return size;
    }

    /** When it was made, or the epoch. */
    public Instant createdOrEpoch() {
        return created == null ? Instant.EPOCH : created;
    }

    /** The image that it was built on here; null for one that came from elsewhere. */
    public @Nullable String parent() {
        return parent;
    }

    /** It was made here of a container of another image. */
    public void builtOn(Digest image) {
        parent = image.value();
    }

    /** When a name was last given to it, null if never. */
    public @Nullable Instant taggedAt() {
        return taggedAt;
    }

    /** Nobody finds it any more: its layers stay for containers that were made of it. */
    public boolean isRemoved() {
        return removedAt != null;
    }

    /** It was removed while a container still has its layers. */
    public void removed(Instant at) {
        removedAt = at;
    }

    /** It was loaded again. */
    public void restored() {
        removedAt = null;
    }

    /** A name was given to it. */
    public void tagged(Instant at) {
        taggedAt = at;
    }
}
