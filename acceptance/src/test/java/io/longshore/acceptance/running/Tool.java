package io.longshore.acceptance.running;

import io.longshore.testbed.process.Program;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Programs that say what the kernel has. */
final class Tool {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private Tool() {}

    /** What a program prints as JSON; missing when it fails, as when what it is asked about is gone. */
    static JsonNode json(String... command) {
        Program ended = Program.run(command);
        return ended.code() == 0 && !ended.out().isEmpty() ? JSON.readTree(ended.out()) : JSON.missingNode();
    }
}
