package io.longshore.agent.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Files as Docker rotates them: {@code path}, {@code path.1}, ...; the highest number is the oldest, and a rotation renames all of them. For
 * one reader; not thread-safe.
 */
final class ShiftedFiles implements LogFiles {
    /** A log has at most 1,000 files. */
    private static final int MAX_FILES = 1_000;
    /** A rotation, and one that a killed supervisor did not finish, leave one name free each: the third is behind the last file. */
    private static final int FREE = 3;

    private final Path path;
    /** By number, as far as they have been asked for: a reader of many files looks at each of them time and again. */
    private final List<Path> names = new ArrayList<>();

    /** @param path of the newest file */
    ShiftedFiles(Path path) {
        this.path = path;
        names.add(path);
    }

    /** A file by the number that it had when it was seen. */
    private record Seen(int number, Object key) {}

    @Override
    public Found newerThan(@Nullable LogFile known, int most) throws IOException {
        if (known != null && known.key().equals(LogFile.keyOf(path))) {
            return Found.NOTHING; // As nearly always, when somebody follows.
        }
        for (int look = 0; look < (known == null ? MANY_LOOKS : FEW_LOOKS); look++) {
            Found found = look(known, most);
            if (found != null) {
                return found;
            }
        }
        if (known == null) {
            throw tooFast();
        }
        return Found.NOTHING;
    }

    /**
     * Looks at the files from the newest on, up to the known one, and opens the oldest; null when a rotation came between. Not noticed by
     * {@link #walk} is a file that became newer than the first after the walk began, which is why the first must be the same afterwards; it
     * is open meanwhile, so that no other can be taken for it.
     */
    private @Nullable Found look(@Nullable LogFile known, int most) throws IOException {
        try (LogFile newest = LogFile.open(path, 0)) {
            Object key = newest == null ? null : newest.key();
            List<Seen> seen = walk(known).reversed();
            List<LogFile> files = new ArrayList<>();
            boolean whole = false;
            try {
                whole = open(seen.subList(0, Math.min(most, seen.size())), files)
                        && Objects.equals(key, LogFile.keyOf(path));
                return whole ? new Found(files, seen.size() - files.size()) : null;
            } finally {
                if (!whole) {
                    for (LogFile file : files) {
                        file.close();
                    }
                }
            }
        }
    }

    /**
     * The files from the newest on, up to the known one. The walk goes the way that a rotation moves the files, so it passes by none
     * that stays; one that is moved from behind it to before it shows twice, which is noticed.
     */
    private List<Seen> walk(@Nullable LogFile known) throws IOException {
        List<Seen> found = new ArrayList<>();
        Set<Object> keys = new HashSet<>();
        int free = 0;
        for (int number = 0; number < MAX_FILES && free < FREE; number++) {
            Object key = LogFile.keyOf(numbered(number));
            free = key == null ? free + 1 : 0;
            if (key != null && known != null && key.equals(known.key())) {
                return found;
            }
            if (key != null && keys.add(key)) {
                found.add(new Seen(number, key));
            }
        }
        return found;
    }

    /** Whether each still had its number. */
    private boolean open(List<Seen> seen, List<LogFile> files) throws IOException {
        for (Seen name : seen) {
            LogFile file = open(name);
            if (file == null) {
                return false;
            }
            files.add(file);
        }
        return true;
    }

    private @Nullable LogFile open(Seen name) throws IOException {
        LogFile file = LogFile.open(numbered(name.number), name.number);
        if (file != null && !file.key().equals(name.key)) {
            file.close();
            return null;
        }
        return file;
    }

    private Path numbered(int number) {
        while (names.size() <= number) {
            names.add(path.resolveSibling(path.getFileName() + "." + names.size()));
        }
        return names.get(number);
    }

    @Override
    public @Nullable LogFile newest() throws IOException {
        for (int number = 0; number < FREE; number++) {
            LogFile file = LogFile.open(numbered(number), number);
            if (file != null) {
                return file;
            }
        }
        return null;
    }

    @Override
    public @Nullable LogFile olderThan(LogFile known) throws IOException {
        for (int look = 0; look < MANY_LOOKS; look++) {
            Seen older = seenBehind(known);
            if (older == null) {
                return null;
            }
            LogFile file = open(older);
            if (file != null) {
                return file;
            }
        }
        throw tooFast();
    }

    /** Numbers only rise, so the known file has the one that it was opened by, or a higher one. */
    private @Nullable Seen seenBehind(LogFile known) throws IOException {
        boolean met = false;
        int free = 0;
        for (int number = (int) known.number(); number < MAX_FILES && free < FREE; number++) {
            Object key = LogFile.keyOf(numbered(number));
            free = key == null ? free + 1 : 0;
            boolean same = key != null && key.equals(known.key());
            if (key != null && met && !same) {
                return new Seen(number, key);
            }
            met |= same;
        }
        return null;
    }

    private IOException tooFast() {
        return new IOException(path + " is rotated faster than it can be read");
    }
}
