package io.longshore.agent.state;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Counts the lives of an agent, in a file that outlasts them. */
public final class Lives {
    private Lives() {}

    /**
     * Begins another one.
     *
     * @param file with the number of the latest
     * @return which one it is, from 1; durable when this returns
     */
    public static long begin(Path file) {
        long life;
        try {
            life = Long.parseLong(Files.readString(file).strip()) + 1;
        } catch (NoSuchFileException e) {
            life = 1;
        } catch (IOException | NumberFormatException e) {
            throw new Failure.Internal(
                    "cannot read the number of the agent's latest life from " + file + ": " + e.getMessage()
                            + "; write a higher number into it than it can have had",
                    e);
        }
        try {
            DurableFile.write(file, Long.toString(life).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new Failure.Internal("cannot keep the number " + life + " in " + file + ": " + e.getMessage(), e);
        }
        return life;
    }
}
