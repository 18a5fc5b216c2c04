package io.longshore.agent.log;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Files as Docker rotates them: {@code path}, {@code path.1}, ...; the highest number is the oldest, and a rotation renames all of them. */
record ShiftedFiles(Path path) implements LogFiles {
    /** A log has at most 1,000 files. */
    private static final int MAX_FILES = 1_000;

    @Override
    public List<LogFile> newerThan(@Nullable LogFile known) throws IOException {
        if (known != null && known.key().equals(LogFile.keyOf(path))) {
            return List.of();
        }
        for (int look = 0; look < (known == null ? MANY_LOOKS : FEW_LOOKS); look++) {
            List<LogFile> found = new ArrayList<>();
            boolean whole = false;
            try {
                Object newest = LogFile.keyOf(path);
                walk(known, found);
                whole = Objects.equals(newest, LogFile.keyOf(path));
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
        if (known == null) {
            throw new IOException(path + " is rotated faster than it can be read");
        }
        return List.of();
    }

    /**
     * Opens the files from the newest on, up to the known one. The walk goes the way that a rotation moves the files, so it passes by none
     * that stays; one that is moved from behind it to before it shows twice, which is noticed. Not noticed is a file that became
     * newer than the first after the walk began, which is why whoever walks looks whether the first is still the same.
     */
    private void walk(@Nullable LogFile known, List<LogFile> found) throws IOException {
        int free = 0;
        // A rotation, and one that a killed supervisor did not finish, leave one name free each.
        for (int number = 0; number < MAX_FILES && free < 3; number++) {
            LogFile file = LogFile.open(number == 0 ? path : path.resolveSibling(path.getFileName() + "." + number), 0);
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
                return;
            }
        }
    }
}
