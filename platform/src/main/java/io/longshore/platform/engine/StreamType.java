package io.longshore.platform.engine;

/** The Content-Type of a container's output (Engine API, ContainerAttach and ContainerLogs). */
public final class StreamType {
    /** Bytes as they come; and, for clients before 1.42, frames too. */
    public static final String RAW = "application/vnd.docker.raw-stream";

    private static final String MULTIPLEXED = "application/vnd.docker.multiplexed-stream";
    /** The minor version since which clients are told of frames. */
    private static final int TELLS_FRAMES = 42;

    private StreamType() {}

    /**
     * The type as clients of that version expect it.
     *
     * @param raw whether the output has a terminal's one stream, without frames
     */
    public static String of(boolean raw, ApiVersion version) {
        return raw || !version.atLeast(TELLS_FRAMES) ? RAW : MULTIPLEXED;
    }
}
