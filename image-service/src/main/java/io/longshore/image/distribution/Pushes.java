package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.intake.ImageWriter;
import io.longshore.image.place.Holders;
import io.longshore.image.registry.Registries;
import io.longshore.image.store.Image;
import io.longshore.image.store.Images;
import io.longshore.oci.ImageReference;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Finds what is to be pushed. */
@Component
class Pushes {
    /** Other repositories that are asked for a layer before it is uploaded. */
    private static final int MOUNTS = 4;

    private final Holders holders;
    private final Images images;
    private final ImageWriter writer;
    private final Registries registries;

    Pushes(Holders holders, Images images, ImageWriter writer, Registries registries) {
        this.holders = holders;
        this.images = images;
        this.writer = writer;
        this.registries = registries;
    }

    /**
     * The push of a tag, or of all tags of a repository when the name has none. That there is none is told by the push.
     *
     * @param header the client's login, null for none
     */
    Push prepare(Caller caller, ImageReference name, @Nullable String header) {
        RegistryLogin login = registries.login(caller, name.domain(), header);
        return new Push(name, login, registries.access(), found(caller.project(), name), holders, writer);
    }

    @Transactional(readOnly = true)
    List<Push.Item> found(String project, ImageReference name) {
        List<Push.Item> items = new ArrayList<>();
        for (ImageReference own : images.repository(project, name)) {
            if (own.tag() != null && (name.tag() == null || name.tag().equals(own.tag()))) {
                Image image = images.require(project, io.longshore.image.store.ImageName.parse(own.toString()));
                items.add(new Push.Item(
                        own,
                        image.id(),
                        image.configJson(),
                        image.configuration().diffIds(),
                        mounts(image, own)));
            }
        }
        return items;
    }

    private List<String> mounts(Image image, ImageReference target) {
        return images.names(image).stream()
                .filter(other -> other.digest() != null
                        && other.domain().equals(target.domain())
                        && !other.path().equals(target.path()))
                .map(ImageReference::path)
                .distinct()
                .limit(MOUNTS)
                .toList();
    }
}
