package io.longshore.agent.log;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Instant;
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
        try (LogWindow files = new LogWindow(rotated, query.follow())) {
            prepare(files, query);
            boolean more = true;
            LogFile file = files.first();
            while (more && file != null && !(query.follow() && files.isAtLast())) {
                more = file.take(buffer, taker);
                file = files.next() ? files.first() : null;
            }
            output.flush();
            if (more && query.follow()) {
                follow(files, buffer, taker, output, query.until());
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

    /** Goes to where what the query asks for begins. */
    private void prepare(LogWindow files, LogQuery query) throws IOException {
        if (query.tail() >= 0) {
            Tail tail = new Tail(query.tail(), entries(false));
            files.fromNewest(file -> {
                long start = file.takeBackwards(tail);
                file.seek(start);
                file.pack();
                return start > 0;
            });
        } else {
            files.fromOldest();
        }
        Instant since = query.since();
        LogFile file = files.first();
        while (since != null && file != null && !files.isAtLast() && file.wasWrittenBefore(since)) {
            file = files.next() ? files.first() : null;
        }
    }

    /** Goes on with the newest file, and with those that come after it, until the container has ended. */
    private void follow(
            LogWindow files, byte[] buffer, LogFile.LineTaker taker, LogOutput output, @Nullable Instant until)
            throws IOException, InterruptedException {
        long pause = SHORTEST_PAUSE_MILLIS;
        while (true) {
            // Both are asked before the read: what is written later is seen by the next round.
            boolean last =
                    ended.getAsBoolean() || (until != null && Instant.now().isAfter(until));
            files.extend();
            boolean wrote = false;
            for (LogFile file = files.first(); file != null; file = files.next() ? files.first() : null) {
                long before = file.position();
                if (!file.take(buffer, taker)) {
                    output.flush();
                    return;
                }
                wrote |= file.position() != before;
            }
            output.flush();
            if (last) {
                return;
            }
            pause = wrote ? SHORTEST_PAUSE_MILLIS : Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            Thread.sleep(pause);
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
