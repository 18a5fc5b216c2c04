package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.agent.AgentPaths;
import io.longshore.contracts.agent.LoadedImage;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.intake.Intake;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.transfer.LayerTransfer;
import io.longshore.image.transfer.Undisturbed;
import io.longshore.oci.ImageReference;
import io.longshore.oci.registry.RegistryClient;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One pull: of a tag or digest, or of all tags of a repository. What is not there is found out when it is opened, before anything is told.
 * For one thread; to be closed.
 */
final class Pull implements AutoCloseable {
    private final Wanted wanted;
    private final RegistryAccess access;
    private final Intake intake;
    private final NodeAgents.Agent agent;
    private final RegistryClient registry;
    private final List<ImageReference> references;
    private final @Nullable RemoteImage first;

    /**
     * What is to be pulled.
     *
     * @param name with a tag or a digest; with neither, all tags are meant
     * @param platform for which
     * @param platformGiven whether the client asked for that platform
     * @param login as whom, null for nobody
     */
    record Wanted(
            ImageReference name,
            Platform platform,
            boolean platformGiven,
            @Nullable RegistryLogin login) {
        boolean allTags() {
            return name.tag() == null && name.digest() == null;
        }
    }

    private Pull(
            Wanted wanted,
            RegistryAccess access,
            Intake intake,
            NodeAgents.Agent agent,
            RegistryClient registry,
            List<ImageReference> references,
            @Nullable RemoteImage first) {
        this.wanted = wanted;
        this.access = access;
        this.intake = intake;
        this.agent = agent;
        this.registry = registry;
        this.references = references;
        this.first = first;
    }

    /** Asks the registry for it; the failure, in Docker's words, when it has no such thing. */
    static Pull open(Wanted wanted, RegistryAccess access, Intake intake, NodeAgents.Agent agent) {
        ImageReference name = wanted.name();
        RegistryClient registry = RegistryClient.reading(name.domain(), name.path(), access, wanted.login());
        boolean opened = false;
        try {
            List<ImageReference> references = wanted.allTags() ? tags(registry, name) : List.of(name);
            RemoteImage first = wanted.allTags() ? null : RemoteImage.find(registry, name, wanted.platform());
            Pull pull = new Pull(wanted, access, intake, agent, registry, references, first);
            opened = true;
            return pull;
        } catch (Failure e) {
            throw RegistryWords.ofPull(e, name);
        } finally {
            if (!opened) {
                registry.close();
            }
        }
    }

    private static List<ImageReference> tags(RegistryClient registry, ImageReference name) {
        List<ImageReference> references = new ArrayList<>();
        registry.tags().forEach(tag -> references.add(name.withTag(tag)));
        if (references.isEmpty()) {
            throw new Failure.NotFound("repository " + name.familiarName() + " has no tags");
        }
        return references;
    }

    /** Does it, and tells of it. A failure is told, too, and ends it. */
    void run(Caller caller, ProgressLines lines) throws IOException {
        try {
            boolean news = false;
            for (ImageReference reference : references) {
                RemoteImage image = first == null ? find(reference) : first;
                news |= pull(caller, reference, image, lines);
            }
            String what = wanted.allTags()
                    ? wanted.name().familiarName()
                    : wanted.name().familiar();
            lines.status((news ? "Status: Downloaded newer image for " : "Status: Image is up to date for ") + what);
        } catch (Failure e) {
            lines.error(e);
        }
    }

    private RemoteImage find(ImageReference reference) {
        try {
            return RemoteImage.find(registry, reference, wanted.platform());
        } catch (Failure e) {
            throw RegistryWords.ofPull(e, reference);
        }
    }

    private boolean pull(Caller caller, ImageReference reference, RemoteImage image, ProgressLines lines)
            throws IOException {
        String id = reference.digest() == null ? reference.tag() : reference.toString();
        lines.status(String.valueOf(id), "Pulling from " + reference.path());
        PullRequest request = new PullRequest(reference.name(), access, wanted.login(), image.layers());
        ProgressLines ofLayers = intake.has(caller, image.id()) ? lines.withoutExisting() : lines;
        Transfer end = LayerTransfer.run(caller, agent, AgentPaths.PULL, request, ofLayers::step);
        if (end.loaded() == null) {
            throw new Failure.Internal("the agent ended a pull without its layers");
        }
        ImageReference byDigest = reference.withDigest(image.top());
        List<ImageReference> names = reference.digest() == null ? List.of(reference, byDigest) : List.of(byDigest);
        LoadedImage loaded = new LoadedImage(image.id(), image.configJson(), List.of(), end.loaded());
        boolean news = Undisturbed.call(() -> intake.pulled(caller, agent, loaded, names));
        lines.status("Digest: " + image.top());
        if (wanted.platformGiven() && !wanted.platform().is(image.configuration())) {
            lines.status("WARNING: image with reference " + reference.familiar()
                    + " was found but does not match the specified platform: wanted " + wanted.platform()
                    + ", actual: " + image.configuration().operatingSystem() + "/"
                    + image.configuration().architecture());
        }
        return news;
    }

    @Override
    public void close() {
        registry.close();
    }
}
