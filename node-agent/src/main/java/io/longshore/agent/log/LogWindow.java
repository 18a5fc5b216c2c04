package io.longshore.agent.log;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * A log's files on the way from an older one to the newest. The next ones are open, so that a rotation that deletes them takes nothing from
 * the reader; the others are opened when it comes near, so that readers that stand still hold few descriptors. For one thread.
 */
final class LogWindow implements Closeable {
    /** Files open at once: those of most logs, and of others what a rotation deletes while a reader goes through as many. */
    static final int OPEN = 16;

    private final LogFiles log;
    private final boolean follows;
    private final Deque<LogFile> files = new ArrayDeque<>();
    /** Files behind the last that is open. */
    private int more;

    /** @param follows whether what comes later is wanted too; otherwise what is there now, so that the reading comes to an end */
    LogWindow(LogFiles log, boolean follows) {
        this.log = log;
        this.follows = follows;
    }

    /** Decides whether the way begins in a file. */
    interface Beginning {
        boolean isIn(LogFile file) throws IOException;
    }

    /** Begins with the oldest file. */
    void fromOldest() throws IOException {
        add(log.newerThan(null, OPEN));
    }

    /** Goes back from the newest file to the one where the way begins, or to the oldest. */
    void fromNewest(Beginning beginning) throws IOException {
        LogFile file = log.newest();
        while (file != null) {
            files.addFirst(file);
            if (files.size() > OPEN) {
                files.removeLast().close();
                more++;
            }
            file = beginning.isIn(file) ? null : log.olderThan(file);
        }
        limit();
    }

    /** Where the reader is; null when there is no log. */
    @Nullable
    LogFile first() {
        return files.peekFirst();
    }

    /** Whether there is no other file behind this one, as far as is known. */
    boolean isAtLast() {
        return files.size() <= 1 && more == 0;
    }

    /** Goes on to the next file, whether there is one; the last one stays. */
    boolean next() throws IOException {
        if (files.size() == 1 && more > 0) {
            // Not more than were counted: a reader of what was there at its beginning is not to go on for ever.
            int wanted = Math.min(more, OPEN);
            LogFiles.Found found = log.newerThan(files.getFirst(), wanted);
            int left = found.files().isEmpty() ? 0 : more - found.files().size();
            add(new LogFiles.Found(found.files(), left));
        }
        if (files.size() <= 1) {
            return false;
        }
        files.removeFirst().close();
        return true;
    }

    /** Looks whether there are newer files than the last that is known, if that is where the reader is. */
    void extend() throws IOException {
        if (isAtLast()) {
            add(log.newerThan(first(), OPEN));
        }
    }

    private void add(LogFiles.Found found) throws IOException {
        files.addAll(found.files());
        more = found.more();
        limit();
    }

    private void limit() throws IOException {
        LogFile last = files.peekLast();
        if (!follows && more == 0 && last != null) {
            last.limitToNow();
        }
    }

    @Override
    public void close() throws IOException {
        for (LogFile file : files) {
            file.close();
        }
    }
}
