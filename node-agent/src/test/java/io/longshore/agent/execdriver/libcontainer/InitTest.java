package io.longshore.agent.execdriver.libcontainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.stage.Spawner;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The init by itself: it does the same when it is not process 1. */
@Timeout(30)
class InitTest {
    @TempDir
    private Path directory;

    private Path init = Path.of("/nonexistent");

    @BeforeEach
    void unpack() throws IOException {
        init = directory.resolve("init");
        try (InputStream in = Objects.requireNonNull(Spawner.class.getResourceAsStream("init"))) {
            Files.copy(in, init);
        }
        assertThat(init.toFile().setExecutable(true)).isTrue();
    }

    private Process start(String... words) throws IOException {
        List<String> command = new ArrayList<>(List.of(init.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    private static String output(Process process) throws IOException {
        return new String(process.getInputStream().readAllBytes(), UTF_8);
    }

    private static int code(Process process) throws InterruptedException {
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        return process.exitValue();
    }

    @Test
    void itEndsAsTheCommandDid() throws Exception {
        Process process = start("--", "sh", "-c", "echo hello; exit 7");
        assertThat(output(process)).isEqualTo("hello\n");
        assertThat(code(process)).isEqualTo(7);
        assertThat(code(start("--", "sh", "-c", "kill -9 $$"))).isEqualTo(137);
    }

    @Test
    void aCommandThatCannotBeExecutedIsNamed() throws Exception {
        Process missing = start("--", "no-such-command");
        assertThat(output(missing))
                .isEqualTo("docker-init: cannot execute no-such-command: No such file or directory\n");
        assertThat(code(missing)).isEqualTo(127);
        assertThat(code(start("--", directory.toString()))).isEqualTo(126);
        assertThat(code(start("sh"))).isEqualTo(125);
        assertThat(code(start())).isEqualTo(125);
    }

    @Test
    void itPassesSignalsOnAndKeepsNone() throws Exception {
        Process process =
                start("--", "sh", "-c", "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.05; done");
        InputStream out = process.getInputStream();
        assertThat(new String(out.readNBytes(6), UTF_8)).isEqualTo("ready\n");
        process.toHandle().destroy();
        assertThat(new String(out.readAllBytes(), UTF_8)).isEqualTo("asked\n");
        assertThat(code(process)).isEqualTo(3);
        Process plain = start("--", "sh", "-c", "grep -E 'Sig(Blk|Ign)' /proc/self/status | tr -d '\\t'");
        assertThat(output(plain)).contains("SigBlk:0000000000000000");
        assertThat(code(plain)).isZero();
    }

    @Test
    void itReapsOrphans() throws Exception {
        Process process = start("--", "sh", "-c", "sh -c 'sleep 0.05 & echo $!'; sleep 0.5; echo end; sleep 20");
        InputStream out = process.getInputStream();
        StringBuilder text = new StringBuilder();
        while (!text.toString().endsWith("end\n")) {
            text.append((char) out.read());
        }
        String orphan = text.toString().lines().findFirst().orElseThrow();
        assertThat(Path.of("/proc/" + orphan)).doesNotExist();
        process.toHandle().destroy();
        assertThat(code(process)).isEqualTo(143);
    }
}
