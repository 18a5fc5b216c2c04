package io.longshore.contracts.agent;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.ExecId;

/** The paths of an agent's streams, which are no {@code @HttpExchange}: see {@code contracts.stream}. */
public final class AgentPaths {
    /** POST, one way in: an archive as {@code docker save} writes it, or an OCI layout; answers a list of {@link LoadedImage}. Query: none. */
    public static final String LOAD = "/agent/images/load";
    /** Most bytes that the answer of {@link #LOAD} can have: an archive's documents and images are limited accordingly. */
    public static final int LOAD_ANSWER_BYTES = 32 << 20;
    /** POST, one way in: a root file system as tar (plain, gzip, ...); answers one {@link LoadedImage.LoadedLayer}. */
    public static final String IMPORT = "/agent/images/import";

    /**
     * POST of a {@link PullRequest}, one way out: a {@link Transfer} as JSON per line. The layers are held as after a load. Whoever goes
     * away before the end ends the pull; others that bring the same blobs go on.
     */
    public static final String PULL = "/agent/images/pull";
    /** POST of a {@link PushRequest}, one way out: a {@link Transfer} as JSON per line. */
    public static final String PUSH = "/agent/images/push";
    /** POST of a {@link SaveRequest}, one way out: the archive, as {@code docker save} writes it. {@code NOT_FOUND} names a layer that is not held. */
    public static final String SAVE = "/agent/images/save";

    private AgentPaths() {}

    /**
     * POST, both ways: Docker's attach stream (frames without a terminal, raw with one). Query: stdin, stdout, stderr, stream, logs as 0 or 1.
     * The answer's head comes when output can no longer be missed. It ends after the container's output has ended.
     */
    public static String attach(ContainerId id) {
        return "/agent/containers/" + id + "/attach";
    }

    /** POST, both ways: as {@link #attach} for an exec session that is made and not started yet, or runs. Query: stdin, stdout, stderr as 0 or 1. */
    public static String attach(ExecId id) {
        return "/agent/sessions/" + id + "/attach";
    }

    /**
     * GET, one way out: the log as Docker streams it (frames without a terminal, raw with one). Query: stdout, stderr, follow, timestamps,
     * details as 0 or 1; since, until as seconds.nanoseconds; tail as a number or {@code all}.
     */
    public static String logs(ContainerId id) {
        return "/agent/containers/" + id + "/logs";
    }

    /**
     * GET, one way out: a {@link Tick} as JSON, the first at once, the next after a second each, until the container is removed. Query:
     * count, how many at most (absent: no end); with 1 it is read for this request alone. {@code NOT_FOUND}.
     */
    public static String stats(ContainerId id) {
        return "/agent/containers/" + id + "/stats";
    }

    /**
     * GET, one way out: a file or directory of the container as tar, its {@link PathStat} in the head. PUT, one way in: a tar (plain, gzip,
     * bzip2, xz) to extract there. Query: path; for PUT also noOverwriteDirNonDir and copyUIDGID as true or false.
     */
    public static String archive(ContainerId id) {
        return "/agent/containers/" + id + "/archive";
    }

    /** GET, one way out: the container's whole file system without its volumes, as tar. Query: none. */
    public static String export(ContainerId id) {
        return "/agent/containers/" + id + "/export";
    }

    /** GET, one way out: what the container has changed on its image, as the Engine API's JSON (ContainerChanges). Query: none. */
    public static String fileChanges(ContainerId id) {
        return "/agent/containers/" + id + "/file-changes";
    }
}
