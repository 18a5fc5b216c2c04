package io.longshore.container.exec;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.container.ExecConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.engine.ApiVersion;
import io.longshore.platform.web.ClientJson;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads the bodies of the exec operations: names match whatever their case, unknown fields are ignored, wrong types are refused. */
final class ExecBody {
    /** The minor version since which a terminal's first size is part of the bodies. */
    private static final int CONSOLE_SIZE = 42;

    private ExecBody() {}

    /** {@code POST /containers/{id}/exec}. */
    static ExecConfig config(byte[] body, ApiVersion version) {
        ExecConfig config = ClientJson.object(body, ExecConfig.class);
        List<String> command = config.command();
        if (command == null || command.isEmpty()) {
            throw new Failure.Invalid("No exec command specified");
        }
        return version.atLeast(CONSOLE_SIZE) ? config : config.withoutConsoleSize();
    }

    /**
     * {@code POST /exec/{id}/start}.
     *
     * @param detach whether the answer comes at once and the session goes on by itself
     * @param tty whether the client has a terminal, and so takes output without frames, whatever the session has
     * @param consoleSize height and width of that terminal
     */
    record Start(
            @JsonProperty("Detach") boolean detach,
            @JsonProperty("Tty") boolean tty,
            @JsonProperty("ConsoleSize") @Nullable List<Integer> consoleSize) {
        private static final Start PLAIN = new Start(false, false, null);

        private Start since(ApiVersion version) {
            return tty && version.atLeast(CONSOLE_SIZE) ? this : new Start(detach, tty, null);
        }
    }

    static Start start(byte[] body, ApiVersion version) {
        return body.length == 0
                ? Start.PLAIN
                : ClientJson.object(body, Start.class).since(version);
    }
}
