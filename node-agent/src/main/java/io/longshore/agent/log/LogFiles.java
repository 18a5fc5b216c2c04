package io.longshore.agent.log;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a log, while it is rotated at any moment. Whoever gets files closes them. */
interface LogFiles {
    /** How often the files are looked through again, since a rotation came between: for who can ask again, and for who cannot. */
    int FEW_LOOKS = 10;

    int MANY_LOOKS = 1_000;

    /**
     * Some files of a log.
     *
     * @param files open, oldest first
     * @param more how many there are that are newer, and not opened
     */
    record Found(List<LogFile> files, int more) {
        static final Found NOTHING = new Found(List.of(), 0);
    }

    /**
     * The files that came after this one and are still there; all there are for null. Where rotation has been
     * quicker than the reader, and the known file's successors are gone too, the list begins with the oldest that is there. Nothing also
     * when there is no telling now, which the next call may.
     *
     * @param most files to be opened: the oldest of them, which go away first
     * @throws IOException when the files cannot be opened, or are rotated faster than they can be listed
     */
    Found newerThan(@Nullable LogFile known, int most) throws IOException;

    /** The newest file; null when there is no log. */
    @Nullable
    LogFile newest() throws IOException;

    /**
     * The file that came before this one; null when it is gone.
     *
     * @throws IOException as of {@link #newerThan}
     */
    @Nullable
    LogFile olderThan(LogFile known) throws IOException;
}
