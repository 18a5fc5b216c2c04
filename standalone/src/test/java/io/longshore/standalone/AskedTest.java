package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.run.Settings;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher script, with the function that reads the configuration there, and the JVM. */
class AskedTest {
    private static final Path SCRIPT = Path.of("../longshore");
    private static final String KEY = "standalone.work-directory";

    @TempDir
    Path directory;

    @Test
    void bothReadTheFormsOfTheDocument() throws Exception {
        for (String value : List.of("/srv/longshore", "\"/srv/my longshore\"", "'/srv/x' # the big disk", "/srv/a#b")) {
            agrees("run:\n  directory: /run/other\nstandalone:\n  # where\n  work-directory: " + value + "\n");
        }
        agrees("");
        agrees("standalone:\n  stop-within: 5s\n");
    }

    @Test
    void aFormThatTheScriptCannotReadIsRefused() throws Exception {
        for (String yaml : List.of(
                "standalone: {work-directory: /srv/longshore}\n",
                "standalone.work-directory: /srv/longshore\n",
                "standalone:\n  \"work-directory\": /srv/longshore\n",
                "standalone:\n  work-directory: >-\n    /srv/longshore\n")) {
            assertThatThrownBy(() -> check(yaml))
                    .as(yaml)
                    .isInstanceOf(StartFailure.class)
                    .hasMessageContaining(KEY + " is \"/srv/longshore\", and ./longshore reads")
                    .hasMessageContaining("work-directory: VALUE")
                    .hasMessageContaining("below \"standalone:\"");
        }
    }

    private void agrees(String yaml) {
        assertThatCode(() -> check(yaml)).as(yaml).doesNotThrowAnyException();
    }

    private void check(String yaml) throws IOException, InterruptedException {
        Path file = Files.writeString(directory.resolve("longshore.yaml"), yaml);
        Settings settings = Settings.load(List.of("--config", file.toString()), Map.of());
        Asked.check(List.of("--asked", KEY + "=" + scriptReads(file)), settings);
    }

    /** By the script's own function, cut out of it. */
    private static String scriptReads(Path file) throws IOException, InterruptedException {
        String script = Files.readString(SCRIPT);
        int from = script.indexOf("\ngiven() {");
        String function = script.substring(from, script.indexOf("\n}\n", from) + 3);
        ProcessBuilder bash = new ProcessBuilder(
                "bash",
                "-euc",
                "say() { printf '%s\\n' \"$*\"; }\nconfig=$0\n" + function + "given standalone work-directory",
                file.toString());
        bash.environment().keySet().removeIf(name -> name.startsWith("LONGSHORE_"));
        Process process = bash.redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
        return said.strip();
    }
}
