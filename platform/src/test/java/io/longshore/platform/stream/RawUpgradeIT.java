package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.run.RunningService;
import io.longshore.platform.run.ServiceRunner;
import io.longshore.platform.run.Settings;
import io.longshore.platform.run.echo.EchoApplication;
import io.longshore.platform.run.echo.StreamController;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As Docker's clients do it: an upgrade to raw bytes, or none at all. */
class RawUpgradeIT extends DuplexContract {
    @TempDir
    static Path directory;

    private static RunningService service;
    private static StreamController controller;

    @BeforeAll
    static void start() {
        service = ServiceRunner.start(EchoApplication.class, Settings.of(Map.of("run.directory", directory + "/run")));
        controller = service.context().getBean(StreamController.class);
    }

    @AfterAll
    static void stop() {
        service.close();
    }

    private static Wire send(String request) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        channel.connect(UnixDomainSocketAddress.of(service.socket()));
        Wire wire = new Wire(channel, ByteBuffer.allocate(0));
        wire.write(ByteBuffer.wrap(request.replace("\n", "\r\n").getBytes(StandardCharsets.ISO_8859_1)));
        return wire;
    }

    private static final String UPGRADE = "POST /duplex HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n\n";

    @Override
    protected Pair open() throws Exception {
        Wire wire = send(UPGRADE);
        assertThat(ResponseHead.read(wire).status()).isEqualTo(101);
        StreamController.Held far = controller.held().poll(10, TimeUnit.SECONDS);
        assertThat(far).isNotNull();
        return new Pair(WireDuplex.raw(wire), far.duplex(), far.done()::countDown);
    }

    @Override
    protected boolean tellsCutFromEnd() {
        return false;
    }

    @Test
    void headOf101HasTheContentType() throws Exception {
        Wire wire = send(UPGRADE);
        ResponseHead head = ResponseHead.read(wire);
        assertThat(head.status()).isEqualTo(101);
        assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.raw-stream");
        assertThat(head.header("Upgrade")).isEqualTo("tcp");
        assertThat(head.header("Connection")).isEqualToIgnoringCase("upgrade");
        controller.held().poll(10, TimeUnit.SECONDS).done().countDown();
        wire.close();
    }

    @Test
    void withoutUpgradeTheAnswerIs200AndRaw() throws Exception {
        Wire wire = send("POST /duplex HTTP/1.1\nHost: docker\n\nstdin");
        ResponseHead head = ResponseHead.read(wire);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.chunked()).isFalse();
        assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.raw-stream");
        StreamController.Held far = controller.held().poll(10, TimeUnit.SECONDS);
        assertThat(far.duplex().input().readNBytes(5)).asString().isEqualTo("stdin");
        far.duplex().output().write("out".getBytes(StandardCharsets.UTF_8));
        far.done().countDown();
        assertThat(wire.rawInput().readAllBytes()).asString().isEqualTo("out");
        wire.close();
    }

    @Test
    void bytesInTheSegmentOfTheHeadAreTheStreamsFirst() throws Exception {
        Wire wire = send(UPGRADE + "early");
        ResponseHead.read(wire);
        Duplex far = controller.held().poll(10, TimeUnit.SECONDS).duplex();
        assertThat(far.input().readNBytes(5)).asString().isEqualTo("early");
        wire.close();
    }

    @Test
    void streamBeginsAfterTheRequestsBody() throws Exception {
        Wire wire = send("POST /duplex-json HTTP/1.1\nHost: docker\nConnection: Upgrade\nUpgrade: tcp\n"
                + "Content-Type: application/json\nContent-Length: 12\n\n{\"Cmd\":\"sh\"}input");
        assertThat(ResponseHead.read(wire).status()).isEqualTo(101);
        wire.shutdownOutput();
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        wire.rawInput().transferTo(all);
        assertThat(all.toString(StandardCharsets.UTF_8)).isEqualTo("got sh\ninput");
        wire.close();
    }

    @Test
    void streamOfOutputIsChunkedAndLongLivedOnesNoticeTheClientsEnd() throws Exception {
        Wire wire = send("GET /count?bytes=5 HTTP/1.1\nHost: docker\n\n");
        ResponseHead head = ResponseHead.read(wire);
        assertThat(head.status()).isEqualTo(200);
        assertThat(head.chunked()).isTrue();
        assertThat(wire.rawInput().readAllBytes())
                .asString(StandardCharsets.ISO_8859_1)
                .startsWith("5\r\n")
                .endsWith("\r\n0\r\n\r\n");
        wire.close();
        Wire waiting = send("POST /wait HTTP/1.1\nHost: docker\nContent-Length: 0\n\n");
        assertThat(ResponseHead.read(waiting).status()).isEqualTo(200);
        assertThat(waiting.rawInput().read()).isEqualTo('1');
        waiting.close();
        assertThat(controller.cancelled().await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void oldProtocolGetsNoChunks() throws Exception {
        Wire wire = send("GET /count?bytes=5 HTTP/1.0\nHost: docker\n\n");
        assertThat(ResponseHead.read(wire).chunked()).isFalse();
        assertThat(wire.rawInput().readAllBytes()).hasSize(5);
        wire.close();
    }
}
