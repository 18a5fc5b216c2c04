package io.longshore.agent.execdriver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A driver under test, of which nothing is left after each case. */
public abstract class ExecDriverFixture {
    protected static final AttachRequest OUTPUT = new AttachRequest(false, true, true);

    protected final Exits exits = new Exits();
    protected ExecDriver driver;

    @TempDir
    protected Path directory;

    @TempDir
    protected Path run;

    private DriverHost host;

    /**
     * Where the cases of the class run, one for each.
     *
     * @param directory empty, for files
     * @param run empty, for what does not outlive the machine; its path is short enough for sockets
     */
    protected abstract DriverHost host(Path directory, Path run);

    @BeforeEach
    void openDriver() {
        host = host(directory, run);
        driver = host.open();
    }

    /** Another driver on the same host, as another life of the agent. */
    protected ExecDriver open() {
        return host.open();
    }

    protected Launch launch(TestSpecs spec) {
        return host.launch(spec);
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        driver.held().forEach(driver::destroy);
        assertThat(driver.held()).isEmpty();
        driver.close();
        exits.hasNone();
        host.nothingIsLeft();
    }

    protected Launch created(TestSpecs spec) {
        Launch launch = launch(spec);
        driver.create(launch, exits);
        return launch;
    }

    protected ContainerId started(TestSpecs spec) {
        ContainerId id = created(spec).id();
        driver.start(id);
        return id;
    }

    /** Runs to the end and gives the exit code. */
    protected int run(TestSpecs spec) {
        ContainerId id = started(spec);
        int code = exits.next(id).code();
        driver.destroy(id);
        return code;
    }

    protected static String payload(Duplex stream) throws IOException {
        byte[] all = stream.input().readAllBytes();
        var text = new StringBuilder();
        byte before = 0;
        for (int at = 0; at < all.length; ) {
            int size = (all[at + 6] & 0xff) << 8 | (all[at + 7] & 0xff);
            text.append(all[at] == before ? "" : all[at] + ":").append(new String(all, at + 8, size, UTF_8));
            before = all[at];
            at += 8 + size;
        }
        return text.toString();
    }
}
