package io.longshore.container.exec;

import io.longshore.container.request.ClientJson;
import io.longshore.contracts.container.ExecConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.util.List;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reads the bodies of the exec operations: names match whatever their case, unknown fields are ignored, wrong types are refused. */
final class ExecBody {
    private ExecBody() {}

    /** {@code POST /containers/{id}/exec}. */
    static ExecConfig config(byte[] body) {
        ExecConfig config = read(body, ExecConfig.class);
        List<String> command = config.command();
        if (command == null || command.isEmpty()) {
            throw new Failure.Invalid("No exec command specified");
        }
        return config;
    }

    /**
     * {@code POST /exec/{id}/start}.
     *
     * @param detach whether the answer comes at once and the session goes on by itself
     * @param consoleSize height and width of its terminal
     */
    record Start(
            @com.fasterxml.jackson.annotation.JsonProperty("Detach") @org.jspecify.annotations.Nullable
            Boolean detach,

            @com.fasterxml.jackson.annotation.JsonProperty("ConsoleSize") @org.jspecify.annotations.Nullable
            List<Integer> consoleSize) {}

    static Start start(byte[] body) {
        return body.length == 0 ? new Start(false, null) : read(body, Start.class);
    }

    private static <T> T read(byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw new Failure.Invalid("invalid JSON: got EOF while reading request body");
        }
        try {
            JsonNode tree = Json.mapper().readTree(body);
            if (!(tree instanceof ObjectNode)) {
                throw new Failure.Invalid("invalid JSON: the body must be an object, got " + tree.getNodeType());
            }
            ClientJson.checkText("", tree);
            return ClientJson.value(tree, type);
        } catch (JacksonException e) {
            throw new Failure.Invalid("invalid JSON: " + Json.problem(e), e);
        }
    }
}
