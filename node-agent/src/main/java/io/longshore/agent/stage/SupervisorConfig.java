package io.longshore.agent.stage;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What the supervisor does with the process it started.
 *
 * @param id written to the exit record and the process title
 * @param socket path of the listening unix socket, which the supervisor removes when it ends
 * @param exitRecord path of the file that gets the outcome, written to a temporary name beside it and renamed
 * @param stdin what the process reads from
 * @param terminal the initial window if the process gets a terminal (which its program must open and send), else null
 * @param log where output is kept; null for nowhere
 * @param stall how long an attached reader may take nothing before it is cut off; whole seconds
 * @param grace how long the supervisor waits, before START, for a control connection; whole seconds
 * @param buffer bytes kept for one attached reader before the process's output is held back
 * @param forks whether the process to serve is another than the one that runs the lists, so that its start list has {@link Op#fork} or
 *     {@link Op#handOver}
 */
public record SupervisorConfig(
        String id,
        String socket,
        String exitRecord,
        Stdin stdin,
        @Nullable Window terminal,
        @Nullable Log log,
        Duration stall,
        Duration grace,
        int buffer,
        boolean forks) {
    public static final Duration DEFAULT_STALL = Duration.ofSeconds(60);
    public static final Duration DEFAULT_GRACE = Duration.ofSeconds(30);
    public static final int DEFAULT_BUFFER = 256 * 1024;

    /** What the process reads from; a terminal is read whatever this says, but only OPEN and ONCE take attached input. */
    public enum Stdin {
        /** /dev/null. */
        NONE,
        /** A pipe that stays open when an attached client ends its input. */
        OPEN,
        /** A pipe that closes when the first attached client with input ends it or goes. */
        ONCE
    }

    /** A terminal's size in characters. */
    public record Window(int columns, int rows) {}

    /**
     * The log: see {@code log.h}.
     *
     * @param path of the current file; older ones get .1, .2 and so on appended
     * @param maxBytes after which a new file is begun; 0 for no limit
     * @param maxFiles kept in all, the current one included
     * @param local whether lines are written in our own form rather than as Docker's json-file
     * @param counted whether a file that has been rotated away keeps its number
     * @param attributes a JSON object that goes with every line of json-file; empty for none
     */
    public record Log(String path, long maxBytes, int maxFiles, boolean local, boolean counted, String attributes) {
        private static final int MAX_ATTRIBUTES = 28 << 10;

        /** A json-file log without attributes, rotated as Docker does. */
        public Log(String path, long maxBytes, int maxFiles) {
            this(path, maxBytes, maxFiles, false, false, "");
        }

        public Log {
            if (attributes.getBytes(StandardCharsets.UTF_8).length > MAX_ATTRIBUTES) {
                throw new IllegalArgumentException(
                        "the attributes of a log have more than " + MAX_ATTRIBUTES + " bytes");
            }
            if (maxBytes < 0 || maxFiles < 1 || maxFiles > 1000) {
                throw new IllegalArgumentException("log limits of " + maxBytes + " bytes, " + maxFiles
                        + " files: need at least 0 bytes and 1 to 1000 files");
            }
        }
    }

    public SupervisorConfig {
        if (stall.toSeconds() < 1 || grace.toSeconds() < 1) {
            throw new IllegalArgumentException("stall " + stall + " and grace " + grace + " must be at least 1 s");
        }
        if (buffer < 1024 || buffer > 64 << 20) {
            throw new IllegalArgumentException("a buffer of " + buffer + " bytes is not between 1 KiB and 64 MiB");
        }
    }

    /** Defaults: no input, no terminal, no log. */
    public static SupervisorConfig of(String id, String socket, String exitRecord) {
        return new SupervisorConfig(
                id, socket, exitRecord, Stdin.NONE, null, null, DEFAULT_STALL, DEFAULT_GRACE, DEFAULT_BUFFER, false);
    }

    public SupervisorConfig stdin(Stdin value) {
        return new SupervisorConfig(id, socket, exitRecord, value, terminal, log, stall, grace, buffer, forks);
    }

    public SupervisorConfig terminal(@Nullable Window value) {
        return new SupervisorConfig(id, socket, exitRecord, stdin, value, log, stall, grace, buffer, forks);
    }

    public SupervisorConfig log(@Nullable Log value) {
        return new SupervisorConfig(id, socket, exitRecord, stdin, terminal, value, stall, grace, buffer, forks);
    }

    public SupervisorConfig stall(Duration value) {
        return new SupervisorConfig(id, socket, exitRecord, stdin, terminal, log, value, grace, buffer, forks);
    }

    public SupervisorConfig grace(Duration value) {
        return new SupervisorConfig(id, socket, exitRecord, stdin, terminal, log, stall, value, buffer, forks);
    }

    /** For a process that the start list makes. */
    public SupervisorConfig forking() {
        return new SupervisorConfig(id, socket, exitRecord, stdin, terminal, log, stall, grace, buffer, true);
    }
}
