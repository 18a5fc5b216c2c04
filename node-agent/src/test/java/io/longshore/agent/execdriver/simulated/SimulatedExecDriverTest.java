package io.longshore.agent.execdriver.simulated;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.agent.execdriver.DriverHost;
import io.longshore.agent.execdriver.ExecDriverContract;
import io.longshore.agent.execdriver.StartWords;
import io.longshore.agent.execdriver.TestSpecs;
import io.longshore.contracts.id.ContainerId;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class SimulatedExecDriverTest extends ExecDriverContract {
    @Override
    protected DriverHost host(Path files, Path sockets) {
        return new SimulatedHost(files);
    }

    @Test
    void whatItDoesNotKnowRunsUntilASignal() {
        ContainerId id = started(new TestSpecs("nginx", "-g", "daemon off;"));
        driver.signal(id, 28);
        driver.signal(id, 15);
        assertThat(exits.next(id).code()).isEqualTo(143);
    }

    @Test
    void commandsInAShell() {
        SimulatedCommand command =
                SimulatedCommand.parse(List.of("/bin/sh", "-c", "echo a b; sleep 0.5; exit 300"), StartWords.CONTAINER);
        assertThat(command.output()).isEqualTo("a b\n");
        assertThat(command.runs()).hasMillis(500);
        assertThat(command.exitCode()).isEqualTo(44);
    }

    @Test
    void tenThousandAtOnce() {
        for (int i = 0; i < 10_000; i++) {
            started(new TestSpecs("sleep", "1000"));
        }
        assertThat(driver.held()).hasSize(10_000);
        driver.held().forEach(driver::destroy);
    }
}
