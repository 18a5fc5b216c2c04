package io.longshore.image.query;

import io.longshore.contracts.agent.SaveRequest;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import io.longshore.oci.ImageReference;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** What a save of these names comes to (moby, image/tarexport/save.go): a repository means all its tags, an id or digest no name at all. */
@Component
class ImageSave {
    private final Images images;

    ImageSave(Images images) {
        this.images = images;
    }

    private static final class Found {
        final Image image;
        final List<String> names = new ArrayList<>();

        Found(Image image) {
            this.image = image;
        }
    }

    /** Each image once, with the names by which it was found; {@link Failure.NotFound} in Docker's words. */
    @Transactional(readOnly = true)
    SaveRequest find(String project, List<String> names) {
        if (names.isEmpty()) {
            throw new Failure.Invalid("no image is named: names is empty");
        }
        Map<Digest, Found> found = new LinkedHashMap<>();
        for (String name : names) {
            ImageName asked = ImageName.parse(name);
            List<ImageReference> tags = tags(project, asked);
            for (ImageReference tag : tags) {
                add(found, images.require(project, ImageName.parse(tag.toString())), tag);
            }
            if (tags.isEmpty()) {
                Image image = images.find(project, asked).orElseThrow(() -> missing(name));
                found.computeIfAbsent(image.id(), none -> new Found(image));
            }
        }
        return new SaveRequest(found.values().stream()
                .map(each -> new SaveRequest.Item(
                        each.image.id(),
                        each.image.configJson(),
                        List.copyOf(each.names),
                        each.image.configuration().diffIds()))
                .toList());
    }

    /** Those that the name means: itself, or, where it was written without a tag, all of its repository. */
    private List<ImageReference> tags(String project, ImageName asked) {
        ImageReference reference = asked.reference();
        if (reference == null || reference.digest() != null) {
            return List.of();
        }
        boolean whole = ImageReference.parse(asked.text()).tag() == null;
        return images.repository(project, reference).stream()
                .filter(name -> name.tag() != null && (whole || name.equals(reference)))
                .toList();
    }

    private static void add(Map<Digest, Found> found, Image image, ImageReference name) {
        Found known = found.computeIfAbsent(image.id(), none -> new Found(image));
        if (!known.names.contains(name.familiar())) {
            known.names.add(name.familiar());
        }
    }

    private static Failure.NotFound missing(String name) {
        return new Failure.NotFound("reference does not exist: No such image: " + name);
    }
}
