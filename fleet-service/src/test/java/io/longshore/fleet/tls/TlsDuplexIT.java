package io.longshore.fleet.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.stream.ByteStream;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.run.echo.StreamController;
import io.longshore.platform.stream.DuplexContract;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Between parts of two machines: in chunks, by TLS over TCP. */
class TlsDuplexIT extends DuplexContract {
    @TempDir
    static Path directory;

    private static TlsFleet fleet;
    private static StreamController controller;
    private static StreamClient client;

    @BeforeAll
    static void start() {
        fleet = new TlsFleet(directory);
        controller = fleet.echo().context().getBean(StreamController.class);
        client = new StreamClient("echo", fleet::echoDoor, TlsFleet.as(fleet.service("container")));
    }

    @AfterAll
    static void stop() throws IOException {
        fleet.close();
    }

    @Override
    protected Pair open() throws Exception {
        Duplex near = client.duplex(TlsFleet.caller(), StreamRequest.post("/duplex"));
        StreamController.Held far = controller.held().poll(10, TimeUnit.SECONDS);
        assertThat(far).isNotNull();
        return new Pair(near, far.duplex(), far.done()::countDown);
    }

    @Test
    void aDownloadIsWhole() throws IOException {
        for (long bytes : new long[] {0, 1, 16_384, 70_000, 100L << 20}) {
            try (ByteStream stream = client.download(
                    TlsFleet.caller(), StreamRequest.get("/count").query("bytes", bytes))) {
                assertThat(stream.input().transferTo(OutputStream.nullOutputStream()))
                        .isEqualTo(bytes);
            }
        }
    }
}
