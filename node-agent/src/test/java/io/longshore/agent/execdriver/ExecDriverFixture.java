package io.longshore.agent.execdriver;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.stream.Duplex;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A driver under test, of which nothing is left after each case. */
public abstract class ExecDriverFixture {
    protected static final AttachRequest OUTPUT = new AttachRequest(false, true, true);

    protected final Exits exits = new Exits();
    protected ExecDriver driver;

    /** A driver as an agent that has just begun makes it; several in a row share what is on disk and in the kernel. */
    protected abstract ExecDriver open();

    /** A launch with a directory of its own and a root file system with sh, true, false, echo, sleep and cat. */
    protected abstract Launch launch(TestSpecs spec);

    @BeforeEach
    void openDriver() {
        driver = open();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
        driver.held().forEach(driver::destroy);
        assertThat(driver.held()).isEmpty();
        driver.close();
        exits.hasNone();
        nothingIsLeftBeneath();
    }

    /** Looks where the driver's own resources are. */
    protected void nothingIsLeftBeneath() throws Exception {}

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
