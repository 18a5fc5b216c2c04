package io.longshore.agent.linux.path;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WalkMemoryTest {
    private static final long MEBIBYTE = 1 << 20;

    private final WalkMemory memory = new WalkMemory(4 * MEBIBYTE, 3 * MEBIBYTE);

    @Test
    void oneWalkMayNotHoldAll() {
        try (WalkMemory.Share share = memory.share()) {
            share.take(3 * MEBIBYTE, "names");
            assertThatThrownBy(() -> share.take(1, "names"))
                    .isInstanceOf(Failure.Invalid.class)
                    .hasMessage("names are too many to be remembered in the 3072 KiB that one request may take on this"
                            + " node; use several smaller requests");
            share.give(MEBIBYTE);
            share.take(MEBIBYTE, "names");
        }
    }

    @Test
    void whatOthersHoldIsToBeWaitedForButALittleIsAlwaysThere() {
        try (WalkMemory.Share one = memory.share();
                WalkMemory.Share other = memory.share()) {
            one.take(3 * MEBIBYTE, "names");
            other.take(MEBIBYTE + MEBIBYTE / 2, "names");
            assertThatThrownBy(() -> other.take(MEBIBYTE, "names"))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessage("the node is busy: other copies hold the 4096 KiB that there are for names; try again"
                            + " later");
            try (WalkMemory.Share small = memory.share()) {
                small.take(MEBIBYTE / 4, "names");
            }
            one.give(2 * MEBIBYTE);
            other.take(MEBIBYTE, "names");
        }
        try (WalkMemory.Share all = memory.share()) {
            all.take(3 * MEBIBYTE, "names");
        }
    }

    @Test
    void aLargeDirectoryComesInSortedRunsThatHoldNoMoreThanTheyMay(@TempDir Path directory) throws IOException {
        for (int i = 0; i < 3_000; i++) {
            Files.createFile(directory.resolve("name-" + i + "-" + "x".repeat(200)));
        }
        WalkMemory little = new WalkMemory(0, 0);
        TreeSet<String> seen = new TreeSet<>();
        int runs = 0;
        try (ContainerRoot root = ContainerRoot.open(new JnaSyscalls(), directory.toString());
                WalkMemory.Share share = little.share();
                Listing listing = root.list(".", share)) {
            for (List<String> run = listing.next(); !run.isEmpty(); run = listing.next()) {
                assertThat(run).isSorted();
                seen.addAll(new ArrayList<>(run));
                runs++;
            }
        }
        assertThat(seen).hasSize(3_000);
        assertThat(runs).isBetween(3, 30);
    }
}
