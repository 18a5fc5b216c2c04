package io.longshore.container.archive;

import io.longshore.container.lifecycle.Pausing;
import io.longshore.container.placement.Agents;
import io.longshore.container.state.ContainerRow;
import io.longshore.container.state.ContainerState;
import io.longshore.container.state.ContainerStore;
import io.longshore.container.state.EventDraft;
import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.LoadedImage.LoadedLayer;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.CommittedImage;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.contracts.image.ImageCommitApi;
import io.longshore.contracts.image.ImageConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** {@code POST /commit}: the agent makes a layer of the container's changes, image-service an image of that. */
@Component
class Committing {
    private static final Logger LOG = LoggerFactory.getLogger(Committing.class);
    /** Whatever time its client had: a container that was made to stand still must go on. */
    private static final Duration GO_ON = Duration.ofSeconds(30);

    private final Files files;
    private final ContainerStore store;
    private final Agents agents;
    private final ImageCommitApi images;
    private final Pausing pausing;

    Committing(Files files, ContainerStore store, Agents agents, ImageCommitApi images, Pausing pausing) {
        this.pausing = pausing;
        this.files = files;
        this.store = store;
        this.agents = agents;
        this.images = images;
    }

    /**
     * What the client asks for.
     *
     * @param config null when it sends none
     * @param pause whether the container is to stand still meanwhile
     */
    record Wish(
            String repository,
            String tag,
            String author,
            String comment,
            List<String> changes,
            @Nullable ContainerConfig config,
            boolean pause) {}

    Digest commit(Caller caller, String reference, Wish wish) {
        if (reference.isEmpty()) {
            throw new Failure.NotFound("No such container: " + reference);
        }
        ContainerRow row = files.require(caller, reference);
        images.check(caller, request(row, wish, List.of()));
        List<LoadedLayer> layers = layers(caller, row, wish.pause());
        CommittedImage image = images.commit(caller, request(row, wish, layers));
        store.tell(
                row,
                EventDraft.of(
                        row,
                        "commit",
                        Map.of("comment", wish.comment(), "imageID", image.id().value(), "imageRef", image.name())));
        return image.id();
    }

    /** With {@code pause} a running container stands still around this call, and around nothing else. */
    private List<LoadedLayer> layers(Caller caller, ContainerRow row, boolean pause) {
        if (!pause || row.state() != ContainerState.RUNNING) {
            return agents.files(row.node()).commit(caller, row.id());
        }
        boolean paused = pause(caller, row);
        try {
            return agents.files(row.node()).commit(caller, row.id());
        } finally {
            if (paused) {
                goOn(row);
            }
        }
    }

    /** Whether it stands still by this: one that has ended meanwhile does without, and what somebody else paused is theirs to let go on. */
    private boolean pause(Caller caller, ContainerRow row) {
        try {
            pausing.pauseBriefly(caller, row.id().value());
            return true;
        } catch (Failure.Conflict e) {
            LOG.debug("container {} is committed as it is: {}", row.id(), e.text());
            return false;
        }
    }

    /** It may have ended meanwhile, or been told to go on by somebody else. */
    private void goOn(ContainerRow row) {
        try {
            pausing.unpause(Agents.own(row.project(), GO_ON), row.id().value());
        } catch (Failure.Conflict | Failure.NotFound e) {
            LOG.debug("container {} need not be told to go on after its commit", row.id(), e);
        } catch (Failure e) {
            LOG.warn("container {} cannot be told to go on after its commit; its node lets it in time", row.id(), e);
        }
    }

    private static ImageCommit request(ContainerRow row, Wish wish, List<LoadedLayer> layers) {
        return new ImageCommit(
                row.id(),
                row.image(),
                layers,
                portable(row.config()),
                wish.config() == null ? null : portable(wish.config()),
                wish.changes(),
                wish.author(),
                wish.comment(),
                wish.repository(),
                wish.tag(),
                row.node());
    }

    /** The part of a container's configuration that an image has. */
    private static ImageConfig portable(ContainerConfig config) {
        return new ImageConfig(
                config.user(),
                config.exposedPorts(),
                config.env(),
                config.entrypoint(),
                config.command(),
                config.volumes(),
                config.workingDir(),
                config.labels(),
                config.stopSignal(),
                config.healthcheck(),
                config.argsEscaped(),
                config.onBuild(),
                config.shell());
    }
}
