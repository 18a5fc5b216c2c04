package io.longshore.contracts.container;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.PropertyNamingStrategies.UpperCamelCaseStrategy;
import tools.jackson.databind.annotation.JsonNaming;

/** The body of {@code POST /containers/{id}/exec} (Engine API, ExecConfig). */
@JsonNaming(UpperCamelCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record ExecConfig(
        @Nullable String user,
        @Nullable Boolean privileged,
        @Nullable Boolean tty,
        @Nullable List<Integer> consoleSize,
        @Nullable Boolean attachStdin,
        @Nullable Boolean attachStderr,
        @Nullable Boolean attachStdout,
        @Nullable String detachKeys,
        @Nullable List<String> env,
        @Nullable String workingDir,
        @JsonProperty("Cmd") @StringOrList @Nullable List<String> command) {
    /** The same without the first size of its terminal. */
    public ExecConfig withoutConsoleSize() {
        return new ExecConfig(
                user,
                privileged,
                tty,
                null,
                attachStdin,
                attachStderr,
                attachStdout,
                detachKeys,
                env,
                workingDir,
                command);
    }
}
