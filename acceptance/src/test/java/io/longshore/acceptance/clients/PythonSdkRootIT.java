package io.longshore.acceptance.clients;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Debian's python3-docker. */
class PythonSdkRootIT extends SdkCases {
    @Test
    void aSession() throws IOException, InterruptedException {
        Path script = Files.writeString(home.resolve("session.py"), resource("session.py"));
        List<String> command =
                List.of("/usr/bin/python3", script.toString(), engine.socket().toString(), registry.host());
        same(new Client(home, command, Map.of()).run(SESSION).ok().out(), "session.py.txt");
    }
}
