package io.longshore.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The lines to type of a section of a README: those of its fenced blocks, in their order. */
final class Tour {
    private static final String FENCE = "```";

    private Tour() {}

    /** Those of the section with this heading, up to the next heading of its level. */
    static List<String> lines(Path readme, String heading) throws IOException {
        List<String> lines = new ArrayList<>();
        boolean inSection = false;
        boolean inBlock = false;
        for (String line : Files.readAllLines(readme)) {
            if (line.startsWith(FENCE)) {
                inBlock = !inBlock;
            } else if (!inBlock && line.startsWith("## ")) {
                inSection = line.equals(heading);
            } else if (inSection && inBlock && !line.isBlank()) {
                lines.add(line);
            }
        }
        assertThat(lines).as("lines to type in %s under %s", readme, heading).isNotEmpty();
        return lines;
    }
}
