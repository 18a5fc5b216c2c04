package io.longshore.agent.log;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The files of a log, while it is rotated at any moment. */
interface LogFiles {
    /** How often the files are looked through again, since a rotation came between: for who can ask again, and for who cannot. */
    int FEW_LOOKS = 10;

    int MANY_LOOKS = 1_000;

    /**
     * The files that came after this one and are still there, open, oldest first; all there are for null. Where rotation has been
     * quicker than the reader, and the known file's successors are gone too, the list begins with the oldest that is there. Empty also
     * when there is no telling now, which the next call may.
     *
     * @throws IOException when the files cannot be opened, or are rotated faster than they can be listed
     */
    List<LogFile> newerThan(@Nullable LogFile known) throws IOException;
}
