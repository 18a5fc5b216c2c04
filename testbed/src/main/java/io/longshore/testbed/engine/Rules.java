package io.longshore.testbed.engine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** What a Longshore leaves in its network when it ends, since its containers go on: its table of rules and its first bridge. */
final class Rules {
    private static final long PATIENCE_SECONDS = 30;

    private Rules() {}

    /** Removes both, which have one name. No error when there are none. */
    static void remove(String name) {
        for (List<String> command :
                List.of(List.of("ip", "link", "delete", name), List.of("nft", "delete", "table", "inet", name))) {
            try {
                Process process = new ProcessBuilder(command)
                        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                        .redirectError(ProcessBuilder.Redirect.DISCARD)
                        .start();
                if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    process.destroyForcibly();
                    throw new IllegalStateException(String.join(" ", command) + " does not end");
                }
            } catch (IOException e) {
                throw new UncheckedIOException("cannot run " + String.join(" ", command), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted", e);
            }
        }
    }
}
