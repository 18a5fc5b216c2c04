package io.longshore.agent.execdriver.libcontainer;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.stage.Spawner;
import java.io.IOException;
import java.io.InputStream;

/**
 * The init for containers that ask for one: one sealed file in memory for all of them, which no container can write to, whatever it may
 * do (CVE-2019-5736), and of which none sees a path.
 */
final class InitBinary implements AutoCloseable {
    private final Fd file;

    private InitBinary(Fd file) {
        this.file = file;
    }

    static InitBinary open(Syscalls syscalls) throws IOException {
        try (InputStream in = Spawner.class.getResourceAsStream("init")) {
            if (in == null) {
                throw new IOException(
                        "the binary io/longshore/agent/stage/init is not on the class path; build node-agent"
                                + " with gcc and make installed");
            }
            return new InitBinary(Spawner.sealed(syscalls, "docker-init", in.readAllBytes()));
        }
    }

    /** By which a process of the node finds it while this is open. */
    String path() {
        return JoinedNamespaces.path(file);
    }

    @Override
    public void close() {
        file.close();
    }
}
