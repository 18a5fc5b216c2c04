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

    /** The same row in another state. */
    public ContainerRow in(ContainerState next) {
        return with(next, observed, starts, exits);
    }

    /** The same row with another name. */
    public ContainerRow named(String newName) {
        return new ContainerRow(
                id,
                project,
                newName,
                generation,
                version,
                state,
                node,
                image,
                created,
                removeVolumes,
                request,
                spec,
                observed,
                starts,
                exits);
    }

    /** The row on its way out. */
    public ContainerRow removing(boolean volumesToo) {
        return new ContainerRow(
                id,
                project,
                name,
                generation,
                version,
                ContainerState.REMOVING,
                node,
                image,
                created,
                volumesToo,
                request,
                spec,
                observed,
                starts,
                exits);
    }

    /** The row once it is resolved. */
    public ContainerRow resolvedAs(ContainerSpec resolved) {
        return new ContainerRow(
                id,
                project,
                name,
                generation,
                version,
                ContainerState.CREATED,
                node,
                image,
                created,
                removeVolumes,
                request,
                resolved,
                observed,
                starts,
                exits);
    }

    /** The row with another configuration. */
    public ContainerRow configured(CreateRequest newRequest, ContainerSpec newSpec) {
        return new ContainerRow(
                id,
                project,
                name,
                generation,
                version,
                state,
                node,
                image,
                created,
                removeVolumes,
                newRequest,
                newSpec,
                observed,
                starts,
                exits);
    }

    /** The row as of another version. */
    public ContainerRow at(long newVersion) {
        return new ContainerRow(
                id,
                project,
                name,
                generation,
                newVersion,
                state,
                node,
                image,
                created,
                removeVolumes,
                request,
                spec,
                observed,
                starts,
                exits);
    }

    ContainerRow with(ContainerState next, @Nullable Observed seen, long newStarts, long newExits) {
        return new ContainerRow(
                id,
                project,
                name,
                generation,
                version,
                next,
                node,
                image,
                created,
                removeVolumes,
                request,
                spec,
                seen,
                newStarts,
                newExits);
    }
}
