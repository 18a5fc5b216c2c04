package io.longshore.agent.log;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Reads a json-file log with its rotated files ({@code path}, {@code path.1}, ...; the highest number is the oldest), as far back as the
 * query needs. Reads files only, so a reader that stops never holds up the container. Each use is for one thread.
 */
public final class LogReader {
    /** A log has at most 1,000 files. */
    private static final int MAX_FILES = 1_000;
    /** How often the files are looked through for the one that is known: each rotation can hide it once. */
    private static final int MAX_WALKS = 10;
    /** How long a follower waits before it looks again: little while lines come, more when the container is quiet. */
    private static final long SHORTEST_PAUSE_MILLIS = 10;

    private static final long LONGEST_PAUSE_MILLIS = 100;

    private final Path path;
    private final BooleanSupplier ended;

    /**
     * @param path of the newest file; none of them need exist
     * @param ended whether the container has ended, so that all it will ever write is in the log
     */
    public LogReader(Path path, BooleanSupplier ended) {
        this.path = path;
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
        LogOutput output = new LogOutput(out, raw, query.timestamps());
        LogFile.LineTaker taker = (bytes, offset, length) -> {
            LogEntry entry = LogEntry.parse(bytes, offset, length);
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
        Deque<LogFile> files = new ArrayDeque<>(newerThan(null));
        try {
            if (query.tail() >= 0) {
                seekTail(files, query.tail());
            }
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
                files.addAll(newerThan(null));
            } else if (files.size() == 1) {
                files.addAll(newerThan(files.getFirst()));
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

    /**
     * The files that came after this one, oldest first; all there are for null. A walk that a rotation overtook, and so did not meet the
     * known file or met a newer one behind an older, is done again; when none meets it the known file has been rotated away, and its
     * followers are all there are.
     */
    private List<LogFile> newerThan(@Nullable LogFile known) throws IOException {
        if (known != null && known.key().equals(LogFile.keyOf(path))) {
            return List.of();
        }
        for (int walk = 1; ; walk++) {
            List<LogFile> found = new ArrayList<>();
            boolean whole = false;
            try {
                Object newest = LogFile.keyOf(path);
                whole = (walk(known, found) && Objects.equals(newest, LogFile.keyOf(path))) || walk == MAX_WALKS;
                if (whole) {
                    return found.reversed();
                }
            } finally {
                if (!whole) {
                    for (LogFile file : found) {
                        file.close();
                    }
                }
            }
        }
    }

    /**
     * Opens the files from the newest on, so that a rotation meanwhile shows one file twice, which is noticed. A rotation renames from the
     * oldest on, so that one name is free at a time; the walk goes on behind it.
     *
     * @return whether it met the known file, or the end of the log where none is known
     */
    private boolean walk(@Nullable LogFile known, List<LogFile> found) throws IOException {
        int free = 0;
        for (int number = 0; number < MAX_FILES && free < 2; number++) {
            LogFile file = LogFile.open(number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number));
            if (file == null) {
                free++;
                continue;
            }
            free = 0;
            boolean met = known != null && file.key().equals(known.key());
            if (met || found.stream().anyMatch(other -> other.key().equals(file.key()))) {
                file.close();
            } else {
                found.add(file);
            }
            if (met) {
                return true;
            }
        }
        return known == null;
    }

    /** Drops the files before the last {@code wanted} lines, and places the first one that is left. */
    private static void seekTail(Deque<LogFile> files, long wanted) throws IOException {
        Tail tail = new Tail(wanted);
        List<LogFile> newestFirst = new ArrayList<>(files.reversed());
        for (int i = 0; i < newestFirst.size(); i++) {
            long start = newestFirst.get(i).takeBackwards(tail);
            newestFirst.get(i).seek(start);
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
        private final boolean[] seen = new boolean[2];
        private long count;

        Tail(long wanted) {
            this.wanted = wanted;
        }

        @Override
        public boolean take(byte[] bytes, int offset, int length) {
            LogEntry entry = LogEntry.parse(bytes, offset, length);
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
