package io.longshore.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** The server's first process, as {@code postmaster.pid} in the data directory names it. */
final class Postmaster {
    private Postmaster() {}

    /**
     * Stops a server that an earlier JVM left behind, and waits until its process has vanished: a new one refuses to start
     * before. Does nothing when there is none.
     */
    static void stopLeftover(PostgresSettings settings) {
        Path data = settings.data();
        OptionalLong pid = leftover(data);
        if (pid.isPresent()) {
            stop(settings, pid.getAsLong());
        }
    }

    /** Fast shutdown; after half of the time at once, which costs a recovery at the next start. */
    static void stop(PostgresSettings settings, long pid) {
        Duration half = settings.deadline().dividedBy(2);
        signal(settings.user(), "INT", pid);
        if (!vanished(settings.data(), pid, half)) {
            signal(settings.user(), "QUIT", pid);
            if (!vanished(settings.data(), pid, half)) {
                throw new PostgresFailure(
                        "the PostgreSQL process " + pid + " on " + settings.data() + " did not stop in "
                                + settings.deadline().toSeconds() + " s; look at what it waits for, then end it");
            }
        }
    }

    private static OptionalLong leftover(Path data) {
        try {
            String firstLine = SmallFile.read(data.resolve("postmaster.pid"))
                    .lines()
                    .findFirst()
                    .orElse("");
            long pid = Long.parseLong(firstLine.strip());
            return runsOn(data, pid) ? OptionalLong.of(pid) : OptionalLong.empty();
        } catch (IOException | NumberFormatException e) {
            // A pid file cut short by a full disk names nobody; PostgreSQL itself refuses it with a message.
            return OptionalLong.empty();
        }
    }

    /** A process id may have gone to another program since: ours has the data directory as its working directory. */
    private static boolean runsOn(Path data, long pid) {
        try {
            return Files.isSameFile(Path.of("/proc", Long.toString(pid), "cwd"), data);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean vanished(Path data, long pid, Duration limit) {
        Instant end = Instant.now().plus(limit);
        while (runsOn(data, pid)) {
            if (Instant.now().isAfter(end)) {
                return false;
            }
            pause(10);
        }
        return true;
    }

    /** As the server's own user, who can signal no process of anybody else. */
    private static void signal(Optional<OsUser> user, String signal, long pid) {
        List<String> kill = List.of("/bin/sh", "-c", "kill -" + signal + " " + pid);
        try {
            Process process = new ProcessBuilder(new ArrayList<>(OsUser.command(user, kill)))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            // Whether it worked shows in the process vanishing, which the caller waits for.
            var _ = process.waitFor(5, java.util.concurrent.TimeUnit.SECONDS);
        } catch (IOException e) {
            throw new PostgresFailure("cannot signal the PostgreSQL process " + pid + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static void pause(long millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PostgresFailure("interrupted while waiting for PostgreSQL", e);
        }
    }
}
