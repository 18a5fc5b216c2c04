package io.longshore.testbed.engine;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;

/** Memory as the kernel shares it out: PSS, from {@code /proc/PID/smaps_rollup}. */
public final class Memory {
    private Memory() {}

    /** The sum over the processes, in bytes; one that has ended counts nothing. */
    public static long pss(Collection<Long> pids) throws IOException {
        long sum = 0;
        for (long pid : pids) {
            try {
                for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
                    if (line.startsWith("Pss:")) {
                        sum += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                    }
                }
            } catch (FileSystemException e) {
                // It ended meanwhile: before the file was opened, or before it was read (ESRCH), though it may not be
                // reaped yet.
            }
        }
        return sum;
    }
}
