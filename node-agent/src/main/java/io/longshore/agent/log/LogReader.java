package io.longshore.agent.log;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a log with its rotated files, as far back as the query needs. Reads files only, so a reader that stops never holds up the
 * container. Each use is for one thread.
 */
public final class LogReader {
    /** How long a follower waits before it looks again: little while lines come, more when the container is quiet. */
    private static final long SHORTEST_PAUSE_MILLIS = 10;

    private static final long LONGEST_PAUSE_MILLIS = 100;

    private final ContainerLog log;
    private final LogFiles rotated;
    private final BooleanSupplier ended;

    /**
     * @param log none of its files need exist
     * @param ended whether the container has ended, so that all it will ever write is in the log
     */
    public LogReader(ContainerLog log, BooleanSupplier ended) {
        this.log = log;
        this.rotated = log.compressed() ? new CountedFiles(log) : new ShiftedFiles(log.path());
        this.ended = ended;
    }

    /**
     * Writes what the query asks for, and returns when that is all: without follow at the end of the log, with it when the container has
     * ended and everything is written.
     *
     * @param raw whether the container has a terminal, so that there are no frames
     * @throws IOException when the log cannot be read or the reader of {@code out} has gone
     */
    public void read(LogQuery query, boolean raw, OutputStream out) throws IOException, InterruptedException {
        LogOutput output = new LogOutput(out, raw, query.timestamps(), query.details());
        Entries entries = entries(query.details());
        LogFile.LineTaker taker = (bytes, offset, length) -> {
            LogEntry entry = entries.parse(bytes, offset, length);
            if (entry == null) {
                return true;
            }
            if (query.until() != null && entry.time().isAfter(query.until())) {
                return false;
            }
            boolean chosen = entry.stderr() ? query.stderr() : query.stdout();
            if (chosen && (query.since() == null || !entry.time().isBefore(query.since()))) {
                output.write(entry);
            }
            return true;
        };
        byte[] buffer = LogFile.buffer();
        Deque<LogFile> files = new ArrayDeque<>(rotated.newerThan(null));
        try {
            prepare(files, query);
            boolean more = true;
            while (more && !files.isEmpty() && (files.size() > 1 || !query.follow())) {
                try (LogFile file = files.removeFirst()) {
                    more = file.take(buffer, taker);
                }
            }
            output.flush();
            if (more && query.follow()) {
                follow(files, buffer, taker, output, query.until());
            }
        } finally {
            for (LogFile file : files) {
                file.close();
            }
        }
    }

    /** How a line is read, whatever form it has. */
    private interface Entries {
        @Nullable
        LogEntry parse(byte[] buffer, int offset, int length);
    }

    private Entries entries(boolean detailed) {
        if (log.form() == ContainerLog.Form.JSON_FILE) {
            return (buffer, offset, length) -> LogEntry.json(buffer, offset, length, detailed);
        }
        String details = LogAttributes.details(log.attributes());
        return (buffer, offset, length) -> LogEntry.local(buffer, offset, length, details);
    }

    /** Drops what the query has no use for. */
    private void prepare(Deque<LogFile> files, LogQuery query) throws IOException {
        if (query.tail() >= 0) {
            seekTail(files, query.tail());
        }
        Instant since = query.since();
        while (since != null && files.size() > 1 && files.getFirst().wasWrittenBefore(since)) {
            files.removeFirst().close();
        }
        if (!query.follow() && !files.isEmpty()) {
            files.getLast().limitToNow();
        }
    }

    /** Goes on with the newest file, and with those that come after it, until the container has ended. */
    private void follow(
            Deque<LogFile> files, byte[] buffer, LogFile.LineTaker taker, LogOutput output, @Nullable Instant until)
            throws IOException, InterruptedException {
        long pause = SHORTEST_PAUSE_MILLIS;
        while (true) {
            // Both are asked before the read: what is written later is seen by the next round.
            boolean last =
                    ended.getAsBoolean() || (until != null && Instant.now().isAfter(until));
            if (files.isEmpty()) {
                files.addAll(rotated.newerThan(null));
            } else if (files.size() == 1) {
                files.addAll(rotated.newerThan(files.getFirst()));
            }
            boolean wrote = false;
            while (!files.isEmpty()) {
                LogFile file = files.getFirst();
                long before = file.position();
                if (!file.take(buffer, taker)) {
                    output.flush();
                    return;
                }
                wrote |= file.position() != before;
                if (files.size() == 1) {
                    break;
                }
                files.removeFirst().close();
            }
            output.flush();
            if (last) {
                return;
            }
            pause = wrote ? SHORTEST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            Thread.sleep(pause);
        }
    }

    /** Drops the files before the last {@code wanted} lines, and places the first one that is left. */
    private void seekTail(Deque<LogFile> files, long wanted) throws IOException {
        Tail tail = new Tail(wanted, entries(false));
        List<LogFile> newestFirst = new ArrayList<>(files.reversed());
        for (int i = 0; i < newestFirst.size(); i++) {
            long start = newestFirst.get(i).takeBackwards(tail);
            newestFirst.get(i).seek(start);
            newestFirst.get(i).pack();
            if (start > 0) {
                while (files.size() > i + 1) {
                    files.removeFirst().close();
                }
                return;
            }
        }
    }

    /** Counts lines, not entries: a line of several pieces is one, counted where it ends. */
    private static final class Tail implements LogFile.LineTaker {
        private final long wanted;
        private final Entries entries;
        private final boolean[] seen = new boolean[2];
        private long count;

        Tail(long wanted, Entries entries) {
            this.wanted = wanted;
            this.entries = entries;
        }

        @Override
        public boolean take(byte[] bytes, int offset, int length) {
            LogEntry entry = entries.parse(bytes, offset, length);
            if (entry == null) {
                return true;
            }
            int stream = entry.stderr() ? 1 : 0;
            boolean endOfLine = entry.endsLine() || !seen[stream];
            seen[stream] = true;
            if (endOfLine && count == wanted) {
                return false;
            }
            count += endOfLine ? 1 : 0;
            return true;
        }
    }
}
