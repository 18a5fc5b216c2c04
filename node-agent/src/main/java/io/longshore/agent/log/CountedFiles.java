package io.longshore.agent.log;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Files that keep their numbers: a rotation renames {@code path} to {@code path.N}, one more than the last, which becomes {@code path.N.gz}
 * when it has been compressed. The number tells which file it is, whatever it has become; the current one has the number that it will get.
 */
record CountedFiles(ContainerLog log) implements LogFiles {

    @Override
    public List<LogFile> newerThan(@Nullable LogFile known) throws IOException {
        if (known != null && known.key().equals(LogFile.keyOf(log.path()))) {
            return List.of();
        }
        for (int look = 0; look < (known == null ? MANY_LOOKS : FEW_LOOKS); look++) {
            TreeSet<Long> numbers = numbers(log);
            LogFile current = LogFile.open(log.path(), last(numbers) + 1);
            if (last(numbers) == last(numbers(log))) {
                return open(known, numbers, current);
            }
            if (current != null) {
                current.close();
            }
        }
        if (known == null) {
            throw new IOException(log.path() + " is rotated faster than it can be read");
        }
        return List.of();
    }

    private List<LogFile> open(@Nullable LogFile known, TreeSet<Long> numbers, @Nullable LogFile current)
            throws IOException {
        List<LogFile> files = new ArrayList<>();
        try {
            for (long number : known == null ? numbers : numbers.tailSet(known.number(), false)) {
                LogFile file = LogFile.open(log.numbered(number), number);
                if (file == null) {
                    file = LogFile.open(log.zipped(number), number);
                }
                // Gone altogether is one that was the oldest when the list was made.
                if (file != null) {
                    files.add(file);
                }
            }
            if (current != null) {
                files.add(current);
            }
            return files;
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
