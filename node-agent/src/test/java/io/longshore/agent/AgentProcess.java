package io.longshore.agent;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** An agent in a JVM of its own, as on a node, so that it can be killed. */
final class AgentProcess {
    private final Process process;
    private final Path socket;

    private AgentProcess(Process process, Path socket) {
        this.process = process;
        this.socket = socket;
    }

    /** Starts one and waits until it answers. */
    static AgentProcess start(Path directory, Path runDirectory, String cgroupRoot)
            throws IOException, InterruptedException {
        Path config = directory.resolve("longshore.yaml");
        Files.writeString(
                config, """
                run:
                  directory: %s
                agent:
                  work-directory: %s
                  run-directory: %s
                  cgroup-root: %s
                """.formatted(directory.resolve("run"), directory.resolve("work"), runDirectory, cgroupRoot));
        Process process = new ProcessBuilder(List.of(
                        Path.of(System.getProperty("java.home"), "bin/java").toString(),
                        "-XX:+UseSerialGC",
                        "-Xmx256m",
                        "-XX:TieredStopAtLevel=1",
                        "--enable-native-access=ALL-UNNAMED",
                        "-cp",
                        System.getProperty("java.class.path"),
                        NodeAgentApplication.class.getName(),
                        "--config",
                        config.toString()))
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("agent.log").toFile()))
                .start();
        AgentProcess agent = new AgentProcess(process, directory.resolve("run/services/agent.sock"));
        agent.awaitAnswer(directory);
        return agent;
    }

    private void awaitAnswer(Path directory) throws IOException, InterruptedException {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (System.nanoTime() < limit) {
            if (!process.isAlive()) {
                break;
            }
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return;
            } catch (IOException e) {
                TimeUnit.MILLISECONDS.sleep(50);
            }
        }
        throw new StartFailure("the agent did not start: " + Files.readString(directory.resolve("agent.log")));
    }

    Path socket() {
        return socket;
    }

    /** SIGKILL, and waits until it is gone. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** As a service manager stops it. */
    void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(20, TimeUnit.SECONDS)) {
            kill();
        }
    }
}
