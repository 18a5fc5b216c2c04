package io.longshore.agent.log;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Files that keep their numbers: a rotation renames {@code path} to {@code path.N}, one more than the last, which becomes {@code path.N.gz}
 * when it has been compressed. The number tells which file it is, whatever it has become; the current one has the number that it will get.
 */
record CountedFiles(ContainerLog log) implements LogFiles {

    @Override
    public Found newerThan(@Nullable LogFile known, int most) throws IOException {
        if (known != null && known.key().equals(LogFile.keyOf(log.path()))) {
            return Found.NOTHING;
        }
        for (int look = 0; look < (known == null ? MANY_LOOKS : FEW_LOOKS); look++) {
            TreeSet<Long> numbers = numbers(log);
            LogFile current = LogFile.open(log.path(), last(numbers) + 1);
            if (last(numbers) == last(numbers(log))) {
                return open(known == null ? numbers : numbers.tailSet(known.number(), false), current, most);
            }
            if (current != null) {
                current.close();
            }
        }
        if (known == null) {
            throw tooFast();
        }
        return Found.NOTHING;
    }

    private Found open(SortedSet<Long> numbers, @Nullable LogFile current, int most) throws IOException {
        List<LogFile> files = new ArrayList<>();
        int left = numbers.size();
        try {
            for (Iterator<Long> next = numbers.iterator(); next.hasNext() && files.size() < most; left--) {
                // Gone altogether is one that was the oldest when the list was made.
                LogFile file = open(next.next());
                if (file != null) {
                    files.add(file);
                }
            }
            if (current != null && files.size() < most) {
                files.add(current);
            } else if (current != null) {
                left++;
                current.close();
            }
            return new Found(files, left);
        } catch (IOException e) {
            for (LogFile file : files) {
                file.close();
            }
            if (current != null) {
                current.close();
            }
            throw e;
        }
    }

    /** An older file, whether compressed by now or not; null when it is gone. */
    private @Nullable LogFile open(long number) throws IOException {
        LogFile file = LogFile.open(log.numbered(number), number);
        return file == null ? LogFile.open(log.zipped(number), number) : file;
    }

    @Override
    public @Nullable LogFile newest() throws IOException {
        for (int look = 0; look < MANY_LOOKS; look++) {
            TreeSet<Long> numbers = numbers(log);
            LogFile file = LogFile.open(log.path(), last(numbers) + 1);
            if (last(numbers) == last(numbers(log))) {
                return file == null && !numbers.isEmpty() ? open(numbers.last()) : file;
            }
            if (file != null) {
                file.close();
            }
        }
        throw tooFast();
    }

    @Override
    public @Nullable LogFile olderThan(LogFile known) throws IOException {
        Long number = numbers(log).lower(known.number());
        return number == null ? null : open(number);
    }

    private IOException tooFast() {
        return new IOException(log.path() + " is rotated faster than it can be read");
    }

    private static long last(TreeSet<Long> numbers) {
        return numbers.isEmpty() ? 0 : numbers.last();
    }

    /** Those of the older files, whether compressed or not. */
    static TreeSet<Long> numbers(ContainerLog log) throws IOException {
        TreeSet<Long> numbers = new TreeSet<>();
        String prefix = log.path().getFileName() + ".";
        Path directory = Objects.requireNonNull(log.path().getParent(), "a log lies in a directory");
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            for (Path entry : entries) {
                String name = String.valueOf(entry.getFileName());
                if (name.startsWith(prefix)) {
                    String rest = name.substring(prefix.length());
                    String number = rest.endsWith(".gz") ? rest.substring(0, rest.length() - 3) : rest;
                    if (number.matches("[1-9][0-9]{0,17}")) {
                        numbers.add(Long.valueOf(number));
                    }
                }
            }
        } catch (NoSuchFileException e) {
            // The container is being removed.
        }
        return numbers;
    }
}
