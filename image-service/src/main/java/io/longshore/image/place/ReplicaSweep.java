package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.image.registry.SystemRegistry;
import io.longshore.image.removal.SweepProperties;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import io.longshore.platform.run.Sweep;
import io.longshore.platform.telemetry.Trace;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Brings images to the system registry that could not be brought when they came, or that came before it was configured, and deletes there
 * what is of no image any more. Some of each in a turn. Every replica does it, which does no harm.
 */
@Component
class ReplicaSweep extends Sweep {
    private static final Logger LOG = LoggerFactory.getLogger(ReplicaSweep.class);
    private static final Duration EACH = Duration.ofMinutes(10);
    private static final int BROUGHT = 8;
    private static final int DELETED = 100;
    /** Refusals that another attempt would not change: it is not there, this registry never does. A login may be mended. */
    private static final Set<Integer> FINAL = Set.of(404, 405, 501);

    private final SystemRegistry registry;
    private final Replicas replicas;
    private final Replication replication;

    ReplicaSweep(SystemRegistry registry, Replicas replicas, Replication replication, SweepProperties properties) {
        super("images in the system registry", properties.first(), properties.everyOrDefault());
        this.registry = registry;
        this.replicas = replicas;
        this.replication = replication;
    }

    @Override
    protected void turn() {
        if (registry.isConfigured()) {
            bring();
            delete();
            replicas.forgetOthers(registry.address());
        }
    }

    private void bring() {
        for (Replicas.Lacking each : replicas.lacking(registry.address(), BROUGHT)) {
            Caller caller =
                    new Caller("image-service", each.project(), Instant.now().plus(EACH), Trace.newId());
            try {
                // Whatever comes of it, it is another one's turn next time.
                if (!replicas.begin(each.project(), each.image(), registry.address())) {
                    continue;
                }
                replication.require(caller, each.image());
                LOG.info("image {} was brought to the system registry", each.image());
            } catch (RegistryCaller.Unreachable e) {
                throw e; // None of the others can be brought now.
            } catch (Failure e) {
                LOG.info("image {} is not in the system registry for now: {}", each.image(), e.text());
            }
        }
    }

    private void delete() {
        OffsetDateTime begin = OffsetDateTime.now(ZoneOffset.UTC);
        for (int i = 0; i < DELETED; i++) {
            Optional<Replicas.Garbage> garbage = replicas.take(registry.address(), begin);
            if (garbage.isEmpty()) {
                return;
            }
            delete(garbage.get());
        }
    }

    private void delete(Replicas.Garbage garbage) {
        boolean done = false;
        try (RegistryClient client = registry.deleting(garbage.project())) {
            Digest digest = garbage.digest() == null ? found(client, garbage.image()) : garbage.digest();
            if (digest != null) {
                client.deleteManifest(digest);
            }
            done = true;
        } catch (RegistryError e) {
            if (!FINAL.contains(e.status())) {
                throw e;
            }
            done = true;
            if (e.status() != 404) {
                LOG.info(
                        "the system registry {} keeps the manifest of image {}, which is gone: {}",
                        registry.address(),
                        garbage.image(),
                        e.text());
            }
        } finally {
            if (done) {
                replicas.forget(garbage);
            } else {
                replicas.giveBack(garbage);
            }
        }
    }

    /** The manifest of an image of which it is not known whether all of it came there. */
    private @Nullable Digest found(RegistryClient client, Digest image) {
        try {
            return client.manifest(registry.tag(image)).digest();
        } catch (RegistryError e) {
            if (e.status() == 404) {
                return null;
            }
            throw e;
        }
    }
}
