package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/** {@code POST /containers/{id}/attach}: the connection taken over, with and without Upgrade. */
class AttachRootIT extends ApiCases {
    private static final String ALL = "/attach?stream=1&stdin=1&stdout=1&stderr=1";
    private static final String READS = "\"OpenStdin\":true,\"StdinOnce\":true,\"AttachStdin\":true,";

    private static Request upgrade(String target) {
        return Request.post(target).with("Connection: Upgrade").with("Upgrade: tcp");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void upgradesTo101AndFramesBothStreams() throws IOException {
        // What comes on two pipes has no order between them, so each line waits until the last one has arrived.
        String id = create("echo out; read x; echo err >&2; read x; echo more", READS);
        try (UnixHttp http = connect()) {
            Response.Head head = http.open(upgrade("/containers/" + id + ALL));
            assertThat(head.statusLine()).startsWith("HTTP/1.1 101");
            assertThat(head.header("Upgrade")).isEqualTo("tcp");
            assertThat(head.header("Connection")).isEqualToIgnoringCase("Upgrade");
            start(id);
            DataInputStream in = new DataInputStream(http.raw());
            assertThat(Frames.next(in)).isEqualTo("out\n");
            http.write(bytes("\n"));
            assertThat(Frames.next(in)).isEqualTo("[err\n]");
            http.write(bytes("\n"));
            assertThat(Frames.next(in)).isEqualTo("more\n");
            assertThat(Frames.next(in)).isEmpty();
        }
    }

    @Test
    void answers200WithoutUpgradeAndStreamsAllTheSame() throws IOException {
        String id = create("echo out; echo end");
        try (UnixHttp http = connect()) {
            Response.Head head = http.open(Request.post("/containers/" + id + ALL));
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Type")).startsWith("application/vnd.docker.raw-stream");
            start(id);
            assertThat(Frames.all(http)).isEqualTo("out\nend\n");
        }
    }

    @Test
    void goesOnAfterTheClientsHalfClose() throws IOException {
        String id = create("cat; sleep 0.3; echo after", READS);
        try (UnixHttp http = connect()) {
            assertThat(http.open(upgrade("/containers/" + id + ALL)).status()).isEqualTo(101);
            start(id);
            http.write(bytes("input\n"));
            http.halfClose();
            assertThat(Frames.all(http)).isEqualTo("input\nafter\n");
        }
    }

    @Test
    void takesInputSentBeforeTheStart() throws IOException {
        String id = create("cat", READS);
        try (UnixHttp http = connect()) {
            assertThat(http.open(upgrade("/containers/" + id + ALL)).status()).isEqualTo(101);
            http.write(bytes("early\n"));
            http.halfClose();
            start(id);
            assertThat(Frames.all(http)).isEqualTo("early\n");
        }
    }

    @Test
    void givesEachClientAllOutput() throws IOException {
        String id = create("for i in 1 2 3; do echo $i; done");
        try (UnixHttp one = connect();
                UnixHttp two = connect()) {
            one.open(upgrade("/containers/" + id + "/attach?stream=1&stdout=1"));
            two.open(upgrade("/containers/" + id + "/attach?stream=1&stdout=1"));
            start(id);
            assertThat(Frames.all(one)).isEqualTo("1\n2\n3\n");
            assertThat(Frames.all(two)).isEqualTo("1\n2\n3\n");
        }
    }

    @Test
    void givesOnlyTheStreamAskedFor() throws IOException {
        String id = create("echo out; echo err >&2");
        try (UnixHttp http = connect()) {
            http.open(upgrade("/containers/" + id + "/attach?stream=1&stderr=1"));
            start(id);
            assertThat(Frames.all(http)).isEqualTo("[err\n]");
        }
    }

    @Test
    void replaysTheLog() throws IOException {
        String id = create("echo logged; sleep 0.5; echo later");
        start(id);
        try (UnixHttp http = connect()) {
            http.open(upgrade("/containers/" + id + "/attach?logs=1&stream=1&stdout=1&stderr=1"));
            assertThat(Frames.all(http)).isIn("logged\nlater\n");
        }
    }

    @Test
    void losesNoByteOfALargeOutput() throws IOException {
        String id = create("head -c 5000000 /dev/zero");
        try (UnixHttp http = connect()) {
            http.open(upgrade("/containers/" + id + ALL));
            start(id);
            assertThat(Frames.all(http)).hasSize(5_000_000);
        }
    }

    @Test
    void refuses() {
        refused(upgrade("/containers/nosuch" + ALL), 404, "No such container: nosuch");
    }

    private static byte[] message(int kind, String text) {
        byte[] payload = bytes(text);
        byte[] all = new byte[6 + payload.length];
        all[0] = (byte) (0x80 | kind);
        all[1] = (byte) (0x80 | payload.length);
        byte[] mask = {11, 22, 33, 44};
        System.arraycopy(mask, 0, all, 2, 4);
        for (int i = 0; i < payload.length; i++) {
            all[6 + i] = (byte) (payload[i] ^ mask[i & 3]);
        }
        return all;
    }

    /** Kind and payload of the next message, which is short. */
    private static String message(InputStream in) throws IOException {
        byte[] head = in.readNBytes(2);
        assertThat(head).hasSize(2);
        assertThat(head[0] & 0x80).as("whole").isEqualTo(0x80);
        return (head[0] & 0x0f) + ":" + new String(in.readNBytes(head[1] & 0x7f), StandardCharsets.ISO_8859_1);
    }

    private static Request webSocket(String target) {
        return Request.get(target)
                .with("Connection: Upgrade")
                .with("Upgrade: websocket")
                .with("Sec-WebSocket-Version: 13")
                .with("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==");
    }

    @Test
    void attachesOverAWebSocket() throws IOException {
        String id = create("read x; echo got $x; exit 3", READS);
        try (UnixHttp http = connect()) {
            Response.Head head =
                    http.open(webSocket("/containers/" + id + "/attach/ws?stream=1&stdin=1&stdout=1&stderr=1"));
            assertThat(head.status()).isEqualTo(101);
            assertThat(head.header("Sec-WebSocket-Accept")).isEqualTo("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
            start(id);
            http.write(message(9, "are you there"));
            assertThat(message(http.raw())).isEqualTo("10:are you there");
            http.write(message(1, "wo"));
            http.write(message(2, "rd\n"));
            assertThat(message(http.raw())).isEqualTo("2:got word\n");
            assertThat(message(http.raw())).isEqualTo("8:" + (char) 3 + (char) 0xe8);
        }
    }

    /** Docker Engine ends the connection without an answer. */
    @Test
    void aGoodbyeEndsAWebSocketAtAnIdleShell() throws IOException {
        String id = create("echo up; read x; echo got $x", "\"OpenStdin\":true,\"Tty\":true,");
        start(id);
        try (UnixHttp http = connect()) {
            String all = "/attach/ws?stream=1&logs=1&stdin=1&stdout=1&stderr=1";
            assertThat(http.open(webSocket("/containers/" + id + all)).status()).isEqualTo(101);
            assertThat(message(http.raw())).isEqualTo("2:up\r\n");
            http.write(message(8, ""));
            if (form.longshore()) {
                assertThat(message(http.raw())).isEqualTo("8:" + (char) 3 + (char) 0xe8);
            }
            assertThat(http.raw().readAllBytes()).hasSizeLessThan(5);
        }
        assertThat(call(Request.get("/containers/" + id + "/json"))
                        .json()
                        .at("/State/Running")
                        .asBoolean())
                .isTrue();
    }

    /** It is refused before anything is attached, which would be told. */
    @Test
    void refusesAWebSocketThatIsNone() {
        String id = create("true");
        refused(Request.get("/containers/" + id + "/attach/ws?stream=1&stdout=1"), 400, "");
        long until = System.currentTimeMillis() / 1000 + 1;
        String filters = escape("{\"container\":[\"" + id + "\"],\"event\":[\"attach\"]}");
        assertThat(call(Request.get("/events?since=1&until=" + until + "&filters=" + filters))
                        .text())
                .isEmpty();
    }

    /** A client that sent its input and went before the start has done its part. */
    @Test
    void whatAClientHasLeftIsDeliveredAtTheStart() throws Exception {
        String id = create("cat", "\"OpenStdin\":true,\"StdinOnce\":true,");
        try (Attached client = Attached.to(engine, id, "stream=1&stdin=1", Duration.ofSeconds(20))) {
            client.send("left behind\n");
        }
        LockSupport.parkNanos(Duration.ofSeconds(3).toNanos()); // each part has seen by now that it has gone
        start(id);
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt(-1))
                .isZero();
        assertThat(call(Request.get("/containers/" + id + "/logs?stdout=1")).text())
                .contains("left behind");
        assertThat(call(Request.delete("/containers/" + id)).status()).isEqualTo(204);
    }
}
