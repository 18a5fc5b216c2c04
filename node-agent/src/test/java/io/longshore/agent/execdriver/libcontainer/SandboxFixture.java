package io.longshore.agent.execdriver.libcontainer;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.agent.execdriver.Exit;
import io.longshore.agent.execdriver.Exits;
import io.longshore.agent.execdriver.Launch;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Runs containers on a busybox root, and checks after each test that the kernel has nothing left of them. */
abstract class SandboxFixture {
    /** What a container wrote and how it ended. */
    record Result(String output, Exit exit) {
        int code() {
            return exit.code();
        }
    }

    @TempDir
    Path directory;

    @TempDir
    Path run;

    BusyboxHost host;
    LibcontainerExecDriver driver;
    final Exits exits = new Exits();

    @BeforeEach
    void open() {
        host = new BusyboxHost(directory, run);
        driver = host.open();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        driver.held().forEach(driver::destroy);
        driver.close();
        host.awaitNothingLeft();
        try (var files = Files.list(run)) {
            assertThat(files).isEmpty();
        }
    }

    @AfterAll
    static void removeCgroups() {
        BusyboxHost.removeCgroups();
    }

    static TestSpecs shell(String script) {
        return new TestSpecs("sh", "-c", script);
    }

    /** Runs to the end; both output streams in one. */
    Result run(TestSpecs spec) {
        Launch launch = host.launch(spec);
        driver.create(launch, exits);
        try (Duplex stream = driver.attach(launch.id(), new AttachRequest(false, true, true))) {
            driver.start(launch.id());
            String output = text(stream.input().readAllBytes(), spec.tty);
            Exit exit = exits.next(launch.id());
            driver.destroy(launch.id());
            return new Result(output, exit);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    String output(String script) {
        return run(shell(script)).output();
    }

    private static String text(byte[] stream, boolean raw) {
        if (raw) {
            return new String(stream, UTF_8);
        }
        var text = new StringBuilder();
        for (int at = 0; at < stream.length; ) {
            int size = (stream[at + 5] & 0xff) << 16 | (stream[at + 6] & 0xff) << 8 | (stream[at + 7] & 0xff);
            text.append(new String(stream, at + 8, size, UTF_8));
            at += 8 + size;
        }
        return text.toString();
    }
}
