package io.longshore.agent.state;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The highest epoch of a lease under which this agent was commanded. A lower one comes from a service instance that has lost its lease
 * and does not know it yet. Kept in a file, so that a restart does not open the door again. Thread-safe.
 */
public final class Epochs {
    private final Path file;
    private final ReentrantLock writing = new ReentrantLock();
    private volatile long highest;

    /** @param file where the number is kept */
    public Epochs(Path file) {
        this.file = file;
        try {
            highest = Long.parseLong(Files.readString(file).strip());
        } catch (NoSuchFileException e) {
            highest = 0;
        } catch (IOException | NumberFormatException e) {
            throw new Failure.Internal(
                    "cannot read the highest epoch from " + file + ": " + e.getMessage()
                            + "; write the number 0 into it to accept any",
                    e);
        }
    }

    /** Lets a command pass, or refuses it with {@code CONFLICT}. The first command of a new epoch costs a flush of the disk. */
    public void admit(long epoch) {
        if (epoch > highest) {
            raise(epoch);
        }
        if (epoch < highest) {
            throw new Failure.Conflict("this command was given under epoch " + epoch
                    + ", and the agent has obeyed epoch " + highest + ": whoever gave it holds the lease no longer");
        }
    }

    /** The highest epoch so far. */
    public long highest() {
        return highest;
    }

    private void raise(long epoch) {
        writing.lock();
        try {
            if (epoch > highest) {
                DurableFile.write(file, Long.toString(epoch).getBytes(StandardCharsets.US_ASCII));
                highest = epoch;
            }
        } catch (IOException e) {
            throw new Failure.Internal("cannot keep epoch " + epoch + " in " + file + ": " + e.getMessage(), e);
        } finally {
            writing.unlock();
        }
    }
}
