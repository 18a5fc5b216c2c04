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
}
