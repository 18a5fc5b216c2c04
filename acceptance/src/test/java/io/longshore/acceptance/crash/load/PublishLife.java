package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;

/** A server on the default bridge with two published ports. What was told as published is reached from the host after the crash, too. */
final class PublishLife extends Life {
    private static final int CONNECT_MILLIS = 1_000;

    private enum Known {
        CREATED,
        /** Its start was asked for. */
        STARTING,
        /** Its start was answered. */
        STARTED,
        /** Its end was asked for. */
        STOPPING,
        ENDED
    }

    private Known known = Known.CREATED;
    /** As told before the crash; empty for none. */
    private List<Integer> ports = List.of();

    @Override
    String known() {
        return "on the bridge with published ports " + ports + ", known as " + known;
    }

    @Override
    String body() {
        String server = "while true; do echo " + name() + " | nc -l -p 80; done";
        return body(
                "busybox",
                "\"ExposedPorts\":{\"80/tcp\":{},\"53/udp\":{}},",
                "\"PortBindings\":{\"80/tcp\":[{\"HostPort\":\"\"}],\"53/udp\":[{\"HostPort\":\"\"}]}",
                new String[] {"sh", "-c", server});
    }

    @Override
    void live(UnixHttp http, Random random) throws IOException {
        known = Known.STARTING;
        start(http);
        known = Known.STARTED;
        ports = ports(inspect(http));
        assertThat(ports).as("published ports of %s", name()).hasSize(2).doesNotContain(0);
        if (random.nextBoolean()) {
            answers("once started");
        }
        if (random.nextInt(4) == 0) {
            known = Known.STOPPING;
            stop(http);
            known = Known.ENDED;
        }
    }

    private static List<Integer> ports(JsonNode inspected) {
        JsonNode ports = inspected.path("NetworkSettings").path("Ports");
        return ports.path("80/tcp").isEmpty()
                ? List.of()
                : List.of(
                        ports.path("80/tcp").path(0).path("HostPort").asInt(),
                        ports.path("53/udp").path(0).path("HostPort").asInt());
    }

    @Override
    boolean mayHaveBeenKilled() {
        if (known == Known.STARTED) {
            known = Known.STOPPING;
        }
        return true;
    }

    @Override
    void check(Longshore longshore, String what) {
        JsonNode inspected = inspect(longshore);
        String status = status(inspected);
        assertThat(status).as(what).isIn(allowed());
        List<Integer> now = ports(inspected);
        if (status.equals("running")) {
            assertThat(now).as("published ports of %s", what).hasSize(2);
            if (!ports.isEmpty()) {
                assertThat(now).as("published ports of %s", what).isEqualTo(ports);
            }
            ports = now;
            known = Known.STARTED;
            answers(what);
            if (endsAfterTheCrash()) {
                stop(longshore);
                known = Known.ENDED;
            }
        } else {
            assertThat(now).as("published ports of %s", what).isEmpty();
            known = status.equals("created") ? Known.CREATED : Known.ENDED;
        }
    }

    private List<String> allowed() {
        return switch (known) {
            case CREATED -> List.of("created");
            case STARTING -> List.of("created", "running");
            case STARTED -> List.of("running");
            case STOPPING -> List.of("running", "exited");
            case ENDED -> List.of("exited");
        };
    }

    /** Between two connections the server is away for a moment. */
    private void answers(String what) {
        long end = System.nanoTime() + SETTLE.toNanos();
        String answer = ask();
        while (!answer.equals(name() + "\n") && System.nanoTime() < end) {
            LockSupport.parkNanos(50_000_000);
            answer = ask();
        }
        assertThat(answer)
                .as("what answers at port %s, %s, %s", ports.getFirst(), name(), what)
                .isEqualTo(name() + "\n");
    }

    private String ask() {
        try (Socket socket = new Socket()) {
            socket.setSoTimeout(CONNECT_MILLIS);
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), ports.getFirst()), CONNECT_MILLIS);
            socket.shutdownOutput();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return e.toString();
        }
    }
}
