package io.longshore.image.query;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ImageUsage;
import io.longshore.image.store.Claims;
import io.longshore.image.store.Image;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.image.store.Layers;
import io.longshore.oci.ImageReference;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.engine.Filters;
import io.longshore.platform.engine.LabelFilter;
import io.longshore.platform.engine.Timestamps;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** The list of images (Engine API, ImageList), newest first. */
@Component
class ImageList {
    /** The minor version since which every list says how many containers use an image. */
    private static final int WITH_CONTAINERS = 51;

    private static final Set<String> FILTERS = Set.of("before", "dangling", "label", "reference", "since", "until");

    private final ImageRepository repository;
    private final Images images;
    private final Layers layers;
    private final Claims claims;

    ImageList(ImageRepository repository, Images images, Layers layers, Claims claims) {
        this.repository = repository;
        this.images = images;
        this.layers = layers;
        this.claims = claims;
    }

    /** All images of the project with what they share and how many containers use them, and what their layers take. */
    @Transactional(readOnly = true)
    public ImageUsage usage(String project, ApiVersion version) {
        return new ImageUsage(layers.totalSize(project), list(project, null, true, version, true));
    }

    /**
     * The images that pass the filters.
     *
     * @param filters as the client wrote them
     * @param sharedSize whether to work out which bytes images share
     */
    @Transactional(readOnly = true)
    public List<Map<String, @Nullable Object>> list(
            String project, @Nullable String filters, boolean sharedSize, ApiVersion version) {
        return list(project, filters, sharedSize, version, version.atLeast(WITH_CONTAINERS));
    }

    private List<Map<String, @Nullable Object>> list(
            String project, @Nullable String filters, boolean sharedSize, ApiVersion version, boolean counts) {
        Filters wanted = Filters.parse(filters, FILTERS);
        Map<Digest, List<ImageReference>> names = images.names(project);
        Map<Digest, Long> shared = sharedSize ? layers.sharedSizes(project) : Map.of();
        Map<Digest, Long> users = counts ? claims.users(project) : Map.of();
        Predicate<Image> passes = filter(project, wanted);
        Boolean dangling = wanted.truth("dangling");
        List<Predicate<ImageReference>> patterns =
                wanted.of("reference").stream().map(ImageList::pattern).toList();
        List<Map<String, @Nullable Object>> list = new ArrayList<>();
        repository.findByKeyProjectAndRemovedAtIsNull(project).stream()
                .filter(passes)
                .sorted(Comparator.comparing(Image::createdOrEpoch).reversed().thenComparing(Image::id))
                .forEach(image -> {
                    List<ImageReference> own = names.getOrDefault(image.id(), List.of());
                    List<ImageReference> shown = patterns.isEmpty()
                            ? own
                            : own.stream()
                                    .filter(name -> patterns.stream().anyMatch(p -> p.test(name)))
                                    .toList();
                    boolean hidden =
                            (!patterns.isEmpty() && shown.isEmpty()) || (dangling != null && dangling != own.isEmpty());
                    if (!hidden) {
                        long common = sharedSize ? shared.getOrDefault(image.id(), 0L) : -1;
                        Map<String, @Nullable Object> summary = summary(image, shown, common, version);
                        summary.put("Containers", counts ? users.getOrDefault(image.id(), 0L) : -1L);
                        list.add(summary);
                    }
                });
        return list;
    }

    private Predicate<Image> filter(String project, Filters wanted) {
        Instant before = bound(project, wanted, "before", Instant.MAX);
        Instant since = bound(project, wanted, "since", Instant.MIN);
        Instant until = wanted.of("until").stream()
                .map(text -> Timestamps.parse("until", text, Instant.now()))
                .min(Comparator.naturalOrder())
                .orElse(Instant.MAX);
        return image -> image.createdOrEpoch().isBefore(before)
                && image.createdOrEpoch().isAfter(since)
                && image.createdOrEpoch().isBefore(until)
                && LabelFilter.hasAll(image.labels(), wanted.of("label"));
    }

    private Instant bound(String project, Filters wanted, String key, Instant none) {
        return wanted.of(key).stream()
                .map(name -> images.require(project, ImageName.parse(name)).createdOrEpoch())
                .min(key.equals("before") ? Comparator.naturalOrder() : Comparator.reverseOrder())
                .orElse(none);
    }

    /** Go's path.Match on the reference as people write it, or on its repository alone: a star stops at a slash. */
    private static Predicate<ImageReference> pattern(String glob) {
        try {
            // Go negates a class with "^", Java with "!".
            PathMatcher matcher = FileSystems.getDefault()
                    .getPathMatcher("glob:"
                            + glob.replace("[!", "[\\!")
                                    .replace("[^", "[!")
                                    .replace("{", "\\{")
                                    .replace("**", "*"));
            return name -> matcher.matches(Path.of(name.familiar())) || matcher.matches(Path.of(name.familiarName()));
        } catch (PatternSyntaxException e) {
            throw new Failure.Invalid("invalid filter 'reference=" + glob + "': " + e.getDescription(), e);
        }
    }

    private static Map<String, @Nullable Object> summary(
            Image image, List<ImageReference> names, long sharedSize, ApiVersion version) {
        Map<String, @Nullable Object> fields = new LinkedHashMap<>();
        fields.put("Containers", -1);
        fields.put("Created", image.createdOrEpoch().getEpochSecond());
        fields.put("Id", image.id().value());
        fields.put("Labels", image.labels().isEmpty() ? null : image.labels());
        fields.put("ParentId", image.parent() == null ? "" : image.parent());
        fields.put("RepoDigests", EngineForms.repoDigests(names, version));
        fields.put("RepoTags", EngineForms.repoTags(names, version));
        fields.put("SharedSize", sharedSize);
        fields.put("Size", image.size());
        if (EngineForms.hasVirtualSize(version)) {
            fields.put("VirtualSize", image.size());
        }
        return fields;
    }
}
