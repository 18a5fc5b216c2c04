package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** {@code POST /exec/{id}/start}: as its client asks for it, whatever the session was created with. */
class ExecStartRootIT extends ApiCases {
    private String session(boolean tty, String script) {
        String id = create("sleep 600");
        start(id);
        Response made = call(Request.post(
                "/containers/" + id + "/exec",
                "{\"AttachStdout\":true,\"AttachStderr\":true,\"Tty\":" + tty + ",\"Cmd\":[\"sh\",\"-c\",\"" + script
                        + "\"]}"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json().path("Id").asString();
    }

    private static Response.Head begin(UnixHttp http, String prefix, String session, String body) throws IOException {
        Response.Head head = http.open(Request.post(prefix + "/exec/" + session + "/start", body)
                .with("Connection: Upgrade")
                .with("Upgrade: tcp"));
        assertThat(head.status()).isEqualTo(101);
        return head;
    }

    private static String raw(UnixHttp http) throws IOException {
        return new String(http.raw().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    @Test
    void aTerminalsOutputHasFramesForAClientWithoutOne() throws IOException {
        String session = session(true, "tty");
        try (UnixHttp http = connect()) {
            begin(http, "", session, "{\"Detach\":false,\"Tty\":false}");
            assertThat(Frames.all(http)).isEqualTo("/dev/pts/0\r\n");
        }
    }

    @Test
    void outputHasNoFramesForAClientWithATerminal() throws IOException {
        String session = session(false, "echo hi");
        try (UnixHttp http = connect()) {
            Response.Head head = begin(http, "", session, "{\"Tty\":true}");
            assertThat(head.header("Content-Type")).isEqualTo("application/vnd.docker.raw-stream");
            assertThat(raw(http)).isEqualTo("hi\n");
        }
    }

    /** Docker Engine 20.10 does not have the field; of a terminal without a size, busybox says that it has none. */
    @Test
    void aFirstSizeIsForTerminalsOfClientsThatKnowIt() throws IOException {
        String size = "\"ConsoleSize\":[30,90]";
        try (UnixHttp http = connect()) {
            begin(http, "/v1.41", session(true, "stty size"), "{\"Tty\":true," + size + "}");
            assertThat(raw(http)).isNotEmpty().doesNotContain("90");
        }
        try (UnixHttp http = connect()) {
            begin(http, "", session(true, "stty size"), "{\"Tty\":false," + size + "}");
            assertThat(Frames.all(http)).isNotEmpty().doesNotContain("90");
        }
        if (form.longshore()) {
            try (UnixHttp http = connect()) {
                begin(http, "/v1.42", session(true, "stty size"), "{\"Tty\":true," + size + "}");
                assertThat(raw(http)).isEqualTo("30 90\r\n");
            }
        }
    }
}
