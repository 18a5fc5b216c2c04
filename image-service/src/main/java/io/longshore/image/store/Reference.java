package io.longshore.image.store;

import io.longshore.contracts.id.Digest;
import io.longshore.oci.ImageReference;
import jakarta.persistence.EmbeddedId;
import jakarta.persistence.Entity;
import jakarta.persistence.Version;
import org.jspecify.annotations.Nullable;

/** A name that leads to an image. */
@Entity
public class Reference {
    @EmbeddedId
    private ReferenceKey key = new ReferenceKey("", "");

    @Version
    private @Nullable Integer version;

    private String imageId = "";

    protected Reference() {}

    /** A new name. */
    public Reference(String project, ImageReference name, Digest image) {
        this.key = new ReferenceKey(project, name.toString());
        this.imageId = image.value();
    }

    public ImageReference name() {
        return ImageReference.parse(key.name());
    }

    public Digest image() {
        return Digest.parse(imageId);
    }

    /** Lets the name lead to another image. */
    public void move(Digest image) {
        imageId = image.value();
    }
}
