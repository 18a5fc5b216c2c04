package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.Caller;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.client.Address;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.run.echo.StreamController;
import io.longshore.platform.telemetry.Trace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between parts: in chunks, over a unix socket. */
class FramedDuplexIT extends DuplexContract {
    @TempDir
    static Path directory;

    private static RunningService service;
    private static StreamController controller;
    private static StreamClient client;

    @BeforeAll
    static void start() {
        service = ServiceRunner.start(EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/run")));
        controller = service.context().getBean(StreamController.class);
        client = new StreamClient("echo", () -> new Address.Unix(service.socket()), MutualTls.none());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    static Caller caller() {
        return new Caller("tester", "default", Instant.now().plus(Duration.ofSeconds(30)), Trace.newId());
    }

    @Override
    protected Pair open() throws Exception {
        Duplex near = client.duplex(caller(), StreamRequest.post("/duplex"));
        StreamController.Held far = controller.held().poll(10, TimeUnit.SECONDS);
        assertThat(far).isNotNull();
        return new Pair(near, far.duplex(), far.done()::countDown);
    }

    @Test
    void stopCutsStreams() throws Exception {
        RunningService own =
                ServiceRunner.start(EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/own")));
        Duplex near = new StreamClient("echo", () -> new Address.Unix(own.socket()), MutualTls.none())
                .duplex(caller(), StreamRequest.post("/duplex"));
        StreamController.Held far =
                own.context().getBean(StreamController.class).held().poll(10, TimeUnit.SECONDS);
        assertThat(far).isNotNull();
        long began = System.nanoTime();
        own.close();
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> near.input().read())
                .isInstanceOf(java.io.IOException.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(6));
        far.done().countDown();
    }
}
