package io.longshore.acceptance.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Node.js's dockerode. */
class NodeSdkRootIT extends SdkCases {
    @Test
    void aSession() throws IOException, InterruptedException {
        Path script = Files.writeString(home.resolve("session.js"), resource("session.js"));
        List<String> command =
                List.of("/usr/bin/node", script.toString(), engine.socket().toString(), registry.host());
        Map<String, String> environment =
                Map.of("NODE_PATH", brought("node_modules").toString());
        same(new Client(home, command, environment).run(SESSION).ok().out(), "session.js.txt");
    }
}
