package io.longshore.image.place;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.registry.SystemRegistry;
import io.longshore.image.store.ImageKey;
import io.longshore.image.store.ImageRepository;
import io.longshore.image.store.Images;
import io.longshore.oci.ImageReference;
import io.longshore.oci.registry.call.RegistryCaller;
import java.io.IOException;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * Sees to it that the system registry has every image there is, of all projects, so that no machine is the only one that has one of them.
 * What images come meanwhile, whoever takes them in brings there. Doing it twice, also at once, changes nothing. Thread-safe.
 */
@Component
class RegistryMigration {
    private final SystemRegistry registry;
    private final Replicas replicas;
    private final Replication replication;
    private final ImageRepository repository;
    private final Images images;

    RegistryMigration(
            SystemRegistry registry,
            Replicas replicas,
            Replication replication,
            ImageRepository repository,
            Images images) {
        this.registry = registry;
        this.replicas = replicas;
        this.replication = replication;
        this.repository = repository;
        this.images = images;
    }

    /**
     * How far it is by what is noted, without asking the registry.
     *
     * @param address of the registry; empty when there is none
     * @param images how many there are
     * @param there those that the registry was given
     */
    record State(String address, int images, int there) {}

    /** What became of an image. */
    enum Outcome {
        BROUGHT("Brought"),
        THERE("Already there"),
        REMOVED("Removed meanwhile"),
        FAILED("Failed");

        private final String status;

        Outcome(String status) {
            this.status = status;
        }
    }

    /**
     * Of an image, or of all at the end.
     *
     * @param status what became of it; null at the end when something failed
     * @param project of the image; null at the end, as {@code id} and {@code names}
     * @param error why the registry has not got it; null when it has
     */
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Line(
            @Nullable String status,
            @Nullable String project,
            @Nullable String id,
            @Nullable List<String> names,
            @Nullable String error) {}

    /** What takes the lines; what it throws ends the migration. */
    @FunctionalInterface
    interface Listener {
        void told(Line line) throws IOException;
    }

    State state() {
        Replicas.Count count = replicas.count(registry.address());
        return new State(registry.address(), count.images(), registry.isConfigured() ? count.there() : 0);
    }

    /** {@link Failure.Conflict} when there is no registry that images could come to. */
    void requireRegistry() {
        if (!registry.isConfigured()) {
            throw new Failure.Conflict("no system registry is configured: set image.system-registry.address, start"
                    + " the image-service again, and try again");
        }
    }

    /**
     * Goes through all images, one after the other, each of which takes ten minutes at most. The registry is asked for each part of what it
     * was given before. An image that cannot be brought hinders no other one; a registry that does not answer ends it.
     */
    void run(Caller caller, Listener listener) throws IOException {
        List<ImageKey> all = replicas.images();
        Map<Outcome, Integer> outcomes = new EnumMap<>(Outcome.class);
        String silent = "";
        String project = "";
        Map<Digest, List<ImageReference>> names = Map.of();
        for (ImageKey key : all) {
            if (!key.project().equals(project)) {
                project = key.project();
                names = images.names(project);
            }
            Outcome outcome = Outcome.FAILED;
            String error = null;
            try {
                outcome = bring(caller, key);
            } catch (RegistryCaller.Unreachable e) {
                error = e.text();
                silent = ", which does not answer";
            } catch (Failure e) {
                error = e.text();
            }
            outcomes.merge(outcome, 1, Integer::sum);
            Digest id = Digest.parse(key.id());
            List<String> named = names.getOrDefault(id, List.of()).stream()
                    .map(ImageReference::familiar)
                    .toList();
            listener.told(new Line(outcome.status, project, key.id(), named, error));
            if (!silent.isEmpty()) {
                break; // Nor would it take the others.
            }
        }
        listener.told(end(all.size(), outcomes, silent));
    }

    private Outcome bring(Caller caller, ImageKey key) {
        Caller owner = new Caller(caller.principal(), key.project(), caller.deadline(), caller.traceId());
        try {
            boolean brought = replication.ensure(owner.within(Replication.LONGEST), Digest.parse(key.id()));
            return brought ? Outcome.BROUGHT : Outcome.THERE;
        } catch (Failure e) {
            if (repository.findById(key).filter(image -> !image.isRemoved()).isEmpty()) {
                return Outcome.REMOVED;
            }
            throw e;
        }
    }

    private Line end(int all, Map<Outcome, Integer> outcomes, String silent) {
        int brought = outcomes.getOrDefault(Outcome.BROUGHT, 0);
        int there = outcomes.getOrDefault(Outcome.THERE, 0);
        int removed = outcomes.getOrDefault(Outcome.REMOVED, 0);
        int missing = all - brought - there - removed;
        String counts = brought + " brought, " + there + " there before";
        return missing == 0
                ? new Line(
                        "The system registry " + registry.address() + " has all images: " + counts,
                        null,
                        null,
                        null,
                        null)
                : new Line(
                        null,
                        null,
                        null,
                        null,
                        missing + " of " + all + " images are not in the system registry " + registry.address() + silent
                                + "; " + counts);
    }
}
