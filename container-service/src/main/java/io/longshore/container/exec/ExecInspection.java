package io.longshore.container.exec;

import io.longshore.container.attach.DetachKeys;
import io.longshore.contracts.container.ExecConfig;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** {@code GET /exec/{id}/json}. */
final class ExecInspection {
    private ExecInspection() {}

    static Map<String, @Nullable Object> of(ExecRow row) {
        ExecConfig config = row.config();
        List<String> command = config.command() == null ? List.of() : config.command();
        Map<String, @Nullable Object> process = new LinkedHashMap<>();
        process.put("tty", row.tty());
        process.put("entrypoint", command.isEmpty() ? "" : command.getFirst());
        process.put("arguments", command.isEmpty() ? List.of() : command.subList(1, command.size()));
        process.put("privileged", Boolean.TRUE.equals(config.privileged()));
        if (config.user() != null && !config.user().isEmpty()) {
            process.put("user", config.user());
        }
        Map<String, @Nullable Object> answer = new LinkedHashMap<>();
        answer.put("ID", row.id().value());
        answer.put("Running", row.state() == ExecState.RUNNING);
        answer.put("ExitCode", row.exitCode());
        answer.put("ProcessConfig", process);
        answer.put("OpenStdin", Boolean.TRUE.equals(config.attachStdin()));
        answer.put("OpenStderr", Boolean.TRUE.equals(config.attachStderr()));
        answer.put("OpenStdout", Boolean.TRUE.equals(config.attachStdout()));
        answer.put("CanRemove", false);
        answer.put("ContainerID", row.container().id().value());
        answer.put("DetachKeys", detachKeys(config));
        answer.put("Pid", row.pid());
        return answer;
    }

    /** Bytes, which JSON has in base64. */
    private static String detachKeys(ExecConfig config) {
        String keys = config.detachKeys();
        return keys == null || keys.isEmpty()
                ? ""
                : Base64.getEncoder().encodeToString(DetachKeys.parse(keys).bytes());
    }
}
