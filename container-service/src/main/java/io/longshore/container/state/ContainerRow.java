package io.longshore.container.state;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.Observed;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A container with its three shapes, as the database has it.
 *
 * @param id identity
 * @param project whose it is
 * @param name unique in its project, without a slash
 * @param generation which life of the row this is; part of the claims' owner
 * @param version grows by one with every write, which then names the one it read
 * @param state where it is in its life
 * @param node where it runs
 * @param image the image's id
 * @param created when the row was written, in whole microseconds, as PostgreSQL keeps it
 * @param removeVolumes in {@link ContainerState#REMOVING}: whether its anonymous volumes go too
 * @param request the request, complete
 * @param spec null while creating
 * @param observed the latest observation that counted
 * @param starts how many starts are accounted for, failed ones included
 * @param exits how many ends of its process are accounted for
 */
public record ContainerRow(
        ContainerId id,
        String project,
        String name,
        int generation,
        long version,
        ContainerState state,
        NodeId node,
        Digest image,
        Instant created,
        boolean removeVolumes,
        CreateRequest request,
        @Nullable ContainerSpec spec,
        @Nullable Observed observed,
        long starts,
        long exits) {

    /** In whose name the row holds claims. */
    public Owner owner() {
        return new Owner(id, generation);
    }

    /** What the agent is told; an {@link IllegalStateException} while creating. */
    public ContainerSpec resolved() {
        if (spec == null) {
            throw new IllegalStateException("container " + id + " has no spec while it is " + state);
        }
        return spec;
    }

    /** The portable part of the request. */
    public ContainerConfig config() {
        return request.config();
    }

    /** The host's part of the request. */
    public HostConfig hostConfig() {
        return Objects.requireNonNull(request.hostConfig(), "a stored request is complete");
    }

    /** Labels of request and image. */
    public Map<String, String> labels() {
        Map<String, String> labels = config().labels();
        return labels == null ? Map.of() : labels;
    }

    /** Whether it is removed when its process ends. */
    public boolean autoRemove() {
        return Boolean.TRUE.equals(hostConfig().autoRemove());
    }

    /** Whether it holds volumes. */
    public boolean hasVolumes() {
        return spec == null
                || spec.mounts().stream().anyMatch(mount -> mount.kind() == ContainerSpec.Mount.Kind.VOLUME);
    }

    /** Exit code of the latest end, 0 when there was none. */
    public int exitCode() {
        return observed == null ? 0 : observed.exitCode();
    }

    /** When it was started last. */
    public @Nullable Instant startedAt() {
        return observed == null ? null : observed.startedAt();
    }

    /** When it ended last. */
    public @Nullable Instant finishedAt() {
        return observed == null ? null : observed.finishedAt();
    }

    /** What of a row may change, for one change of it. */
    private static final class Draft {
        private final ContainerRow row;
        private String name;
        private int generation;
        private NodeId node;
        private long version;
        private ContainerState state;
        private boolean removeVolumes;
        private CreateRequest request;
        private @Nullable ContainerSpec spec;
        private @Nullable Observed observed;
        private long starts;
        private long exits;

        Draft(ContainerRow row) {
            this.row = row;
            name = row.name;
            generation = row.generation;
            node = row.node;
            version = row.version;
            state = row.state;
            removeVolumes = row.removeVolumes;
            request = row.request;
            spec = row.spec;
            observed = row.observed;
            starts = row.starts;
            exits = row.exits;
        }

        ContainerRow done() {
            return new ContainerRow(
                    row.id,
                    row.project,
                    name,
                    generation,
                    version,
                    state,
                    node,
                    row.image,
                    row.created,
                    removeVolumes,
                    request,
                    spec,
                    observed,
                    starts,
                    exits);
        }
    }

    private ContainerRow changed(Consumer<Draft> change) {
        Draft draft = new Draft(this);
        change.accept(draft);
        return draft.done();
    }

    /** The same row in another state. */
    public ContainerRow in(ContainerState next) {
        return changed(row -> row.state = next);
    }

    /** The same row with another name. */
    public ContainerRow named(String newName) {
        return changed(row -> row.name = newName);
    }

    /** The row on its way out. */
    public ContainerRow removing(boolean volumesToo) {
        return changed(row -> {
            row.state = ContainerState.REMOVING;
            row.removeVolumes = volumesToo;
        });
    }

    /** The row once it is resolved. */
    public ContainerRow resolvedAs(ContainerSpec resolved) {
        return changed(row -> {
            row.state = ContainerState.CREATED;
            row.spec = resolved;
        });
    }

    /** The row with another configuration. */
    public ContainerRow configured(CreateRequest newRequest, ContainerSpec newSpec) {
        return changed(row -> {
            row.request = newRequest;
            row.spec = newSpec;
        });
    }

    /**
     * The row of a container that does not run, in its next generation on another node, whose agent knows nothing of it: starts are counted
     * anew there, and what was observed last is nothing that it could have forgotten.
     */
    public ContainerRow moved(NodeId to, ContainerSpec.Network network) {
        return changed(row -> {
            row.generation = generation + 1;
            row.node = to;
            row.spec = next(resolved().network(network));
            row.observed = observed == null ? null : observed.at(0);
            row.starts = 0;
        });
    }

    private static ContainerSpec next(ContainerSpec spec) {
        return new ContainerSpec(
                spec.id(),
                spec.generation() + 1,
                spec.name(),
                spec.project(),
                spec.hostname(),
                spec.domainname(),
                spec.image(),
                spec.process(),
                spec.readOnlyRoot(),
                spec.mounts(),
                spec.network(),
                spec.resources(),
                spec.security(),
                spec.shmBytes(),
                spec.log(),
                spec.stop(),
                spec.restart(),
                spec.healthCheck(),
                spec.runtime(),
                spec.labels());
    }

    /** The row as of another version. */
    public ContainerRow at(long newVersion) {
        return changed(row -> row.version = newVersion);
    }

    ContainerRow with(ContainerState next, @Nullable Observed seen, long newStarts, long newExits) {
        return changed(row -> {
            row.state = next;
            row.observed = seen;
            row.starts = newStarts;
            row.exits = newExits;
        });
    }
}
