package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.client.Address;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.run.echo.StreamController;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.coyote.AbstractProtocol;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.tomcat.TomcatWebServer;
import org.springframework.boot.web.server.WebServer;
import org.springframework.boot.web.server.context.WebServerApplicationContext;
import tools.jackson.core.type.TypeReference;

@Timeout(value = 60, unit = TimeUnit.SECONDS)
class OneWayStreamIT {
    private static final int ANSWER = 1 << 20;

    @TempDir
    static Path directory;

    private static RunningService service;
    private static StreamClient client;

    @BeforeAll
    static void start() {
        service = ServiceRunner.start(EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/run")));
        client = new StreamClient("echo", () -> new Address.Unix(service.socket()), MutualTls.none());
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    @Test
    void downloadIsWhole() throws IOException {
        for (long bytes : new long[] {0, 1, 70_000, 100L << 20}) {
            try (ByteStream stream = client.download(
                    FramedDuplexIT.caller(), StreamRequest.get("/count").query("bytes", bytes))) {
                assertThat(stream.input().transferTo(java.io.OutputStream.nullOutputStream()))
                        .isEqualTo(bytes);
            }
        }
    }

    @Test
    void refusalComesBackAsItsKind() {
        assertThatThrownBy(() -> client.download(
                        FramedDuplexIT.caller(), StreamRequest.get("/count").query("bytes", -1)))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("bytes: -1 is negative");
        assertThatThrownBy(() -> client.duplex(FramedDuplexIT.caller(), StreamRequest.post("/nowhere")))
                .isInstanceOf(Failure.NotImplemented.class)
                .hasMessageStartingWith("echo does not have POST /nowhere: upgrade it to Longshore ");
    }

    @Test
    void cutStreamIsAFailure() throws IOException {
        try (ByteStream stream = client.download(FramedDuplexIT.caller(), StreamRequest.get("/cut"))) {
            assertThat(stream.input().readNBytes(4)).asString().isEqualTo("some");
            assertThatThrownBy(() -> stream.input().read()).isInstanceOf(IOException.class);
        }
    }

    @Test
    void closingCancelsTheSender() throws IOException, InterruptedException {
        try (ByteStream stream = client.download(FramedDuplexIT.caller(), StreamRequest.post("/wait"))) {
            assertThat(stream.input().read()).isEqualTo('{');
        }
        assertThat(service.context().getBean(StreamController.class).cancelled().await(5, TimeUnit.SECONDS))
                .isTrue();
    }

    @Test
    void uploadIsWholeAndAnswered() {
        assertThat(client.upload(
                        FramedDuplexIT.caller(),
                        StreamRequest.post("/upload"),
                        new Zeros(100L << 20),
                        new TypeReference<Map<String, Long>>() {},
                        ANSWER))
                .containsEntry("bytes", 100L << 20);
    }

    /** As the server has it for heads a minute, shortened here so that the pause need not be longer. */
    @Test
    void uploadMayPauseForLongerThanAHead() {
        try (RunningService impatient = ServiceRunner.start(
                EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/impatient")))) {
            WebServer server = ((WebServerApplicationContext) impatient.context()).getWebServer();
            TomcatWebServer tomcat = (TomcatWebServer) Objects.requireNonNull(server);
            ((AbstractProtocol<?>) tomcat.getTomcat().getConnector().getProtocolHandler()).setConnectionTimeout(300);
            InputStream pausing = new SequenceInputStream(new Zeros(70_000), new Zeros(70_000) {
                @Override
                public int read(byte[] buffer, int offset, int length) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1_500));
                    return super.read(buffer, offset, length);
                }
            });
            assertThat(new StreamClient("echo", () -> new Address.Unix(impatient.socket()), MutualTls.none())
                            .upload(
                                    FramedDuplexIT.caller(),
                                    StreamRequest.post("/upload"),
                                    pausing,
                                    new TypeReference<Map<String, Long>>() {},
                                    ANSWER))
                    .containsEntry("bytes", 140_000L);
        }
    }

    @Test
    void anAnswerThatIsTooLongOrOfAnotherKindIsAFailure() {
        assertThatThrownBy(() -> client.upload(
                        FramedDuplexIT.caller(),
                        StreamRequest.post("/upload"),
                        new Zeros(10),
                        new TypeReference<Map<String, Long>>() {},
                        5))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("/upload with more than 5 bytes");
        assertThatThrownBy(() -> client.upload(
                        FramedDuplexIT.caller(),
                        StreamRequest.post("/upload"),
                        new Zeros(10),
                        new TypeReference<List<String>>() {},
                        ANSWER))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("/upload with what is not understood");
    }

    @Test
    void refusedUploadGivesTheReasonWithoutSendingTheRest() {
        Zeros endless = new Zeros(Long.MAX_VALUE);
        assertThatThrownBy(() -> client.upload(
                        FramedDuplexIT.caller(),
                        StreamRequest.post("/upload").query("refuseAfter", 100_000),
                        endless,
                        new TypeReference<Map<String, Long>>() {},
                        ANSWER))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("refused after 100000");
    }

    @Test
    void brokenSourceIsNeverTakenForTheWhole() {
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(new byte[200_000]), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("disk gone");
            }

            @Override
            public int read(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("disk gone");
            }
        });
        assertThatThrownBy(() -> client.upload(
                        FramedDuplexIT.caller(),
                        StreamRequest.post("/upload"),
                        broken,
                        new TypeReference<Map<String, Long>>() {},
                        ANSWER))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("ended early");
    }

    /** So many zero bytes. */
    private static class Zeros extends InputStream {
        private long left;

        Zeros(long left) {
            this.left = left;
        }

        @Override
        public int read() {
            return left-- > 0 ? 0 : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) {
            if (left <= 0) {
                return -1;
            }
            int count = (int) Math.min(left, length);
            left -= count;
            return count;
        }
    }
}
