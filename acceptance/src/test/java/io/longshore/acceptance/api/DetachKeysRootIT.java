package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** The keys by which a client at a terminal leaves, as the daemon sees them: typed on a connection taken over, without a docker command. */
class DetachKeysRootIT extends ApiCases {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    private static final String TERMINAL = "\"Tty\":true,\"OpenStdin\":true,\"AttachStdin\":true,";
    private static final String ALL = "stream=1&stdin=1&stdout=1&stderr=1";
    private static final String CTRL_A = "\u0001";
    private static final String DOCKERS_FAILURE = "exec attach failed: error on attach stdin: read escape sequence\r\n";

    private String terminal() {
        String id = create("cat", TERMINAL);
        start(id);
        return id;
    }

    private Attached attach(String id, String query) throws IOException {
        Attached attached = Attached.to(engine, id, query, PATIENCE);
        assertThat(attached.status()).isEqualTo(101);
        return attached;
    }

    private static String rest(Attached attached) throws IOException {
        return new String(attached.raw().readAllBytes(), StandardCharsets.ISO_8859_1);
    }

    private boolean runs(String id) {
        return call(Request.get("/containers/" + id + "/json"))
                .json()
                .at("/State/Running")
                .asBoolean();
    }

    /** The events of that name so far; each is a line. */
    private String events(String id, String name) {
        Instant now = Instant.now();
        String filters = "{\"container\":[\"" + id + "\"],\"event\":[\"" + name + "\"]}";
        return call(Request.get("/events?since=" + (now.getEpochSecond() - 600) + "&until=" + now.getEpochSecond() + "."
                        + String.format("%09d", now.getNano()) + "&filters=" + escape(filters)))
                .text();
    }

    @Test
    void endTheAttachAndTheContainerGoesOn() throws IOException {
        String id = terminal();
        try (Attached client = attach(id, ALL + "&detachKeys=ctrl-a,x")) {
            client.send("one\n");
            client.until("one\r\none\r\n");
            client.send(CTRL_A + "x");
            assertThat(rest(client)).isEmpty();
        }
        assertThat(runs(id)).isTrue();
        assertThat(events(id, "detach").lines()).hasSize(1);
        try (Attached again = attach(id, ALL)) {
            again.send("two\n");
            again.until("two\r\ntwo\r\n");
        }
    }

    @Test
    void areSeenOneByOne() throws IOException {
        String id = terminal();
        try (Attached client = attach(id, ALL + "&detachKeys=ctrl-a,x")) {
            client.send(CTRL_A);
            client.send("one\n"); // so it was no beginning of the keys, and comes first
            assertThat(client.until("one\r\n")).startsWith("^Aone");
            client.until("one\r\n");
            client.send(CTRL_A);
            call(Request.get("/_ping")); // not in one piece with what follows
            client.send("x");
            assertThat(rest(client)).isEmpty();
        }
        assertThat(runs(id)).isTrue();
    }

    @Test
    void areDockersWithoutOthers() throws IOException {
        String id = terminal();
        try (Attached client = attach(id, ALL)) {
            client.send("\u0010\u0011");
            assertThat(rest(client)).isEmpty();
        }
        assertThat(runs(id)).isTrue();
        assertThat(events(id, "detach").lines()).hasSize(1);
    }

    @Test
    void areInputForWhoHasOthers() throws IOException {
        String id = terminal();
        try (Attached client = attach(id, ALL + "&detachKeys=ctrl-a,x")) {
            client.send("\u0010one\n");
            assertThat(client.until("one\r\n")).startsWith("^Pone");
        }
        assertThat(events(id, "detach")).isEmpty();
    }

    @Test
    void areInputWithoutATerminal() throws IOException {
        String id = create("cat", "\"OpenStdin\":true,\"AttachStdin\":true,");
        start(id);
        try (Attached client = attach(id, ALL + "&detachKeys=ctrl-a,x")) {
            client.send(CTRL_A + "x\n");
            assertThat(client.frame()).isEqualTo(new Attached.Frame(1, CTRL_A + "x\n"));
        }
    }

    @Test
    void endAnExecSessionsAttach() throws IOException {
        String id = create("sleep 600");
        start(id);
        String session =
                session(id, "\"DetachKeys\":\"ctrl-a,x\",").json().path("Id").asString();
        try (Attached client = Attached.toSession(engine, session, true, PATIENCE)) {
            assertThat(client.status()).isEqualTo(101);
            client.send("one\n");
            client.until("one\r\none\r\n");
            client.send(CTRL_A + "x");
            // Docker Engine 20.10 takes its own keys for a failure of the stream.
            assertThat(rest(client)).isEqualTo(form.longshore() ? "" : DOCKERS_FAILURE);
        }
        if (form.longshore()) {
            assertThat(call(Request.get("/exec/" + session + "/json"))
                            .json()
                            .path("Running")
                            .asBoolean())
                    .isTrue();
        }
        assertThat(events(id, "exec_detach").lines()).hasSize(form.longshore() ? 1 : 0);
        if (form.longshore()) {
            assertThat(events(id, "exec_die")).isEmpty();
        }
    }

    private Response session(String id, String members) {
        return call(Request.post(
                "/containers/" + id + "/exec",
                "{" + members + "\"Tty\":true,\"AttachStdin\":true,\"AttachStdout\":true,\"AttachStderr\":true,"
                        + "\"Cmd\":[\"cat\"]}"));
    }

    @Test
    void refusesWhatIsNoKey() {
        String id = terminal();
        for (String keys : new String[] {"ctrl-", "ctrl-1", "ctrl-a,bogus", "a,,b", "\u00e9"}) {
            refused(
                    Request.post("/containers/" + id + "/attach?" + ALL + "&detachKeys=" + escape(keys)),
                    400,
                    "Invalid detach keys (" + keys + ") provided");
        }
        assertThat(session(id, "\"DetachKeys\":\"ctrl-a,bogus\",").status()).isEqualTo(form.longshore() ? 400 : 500);
    }
}
