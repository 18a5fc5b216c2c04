package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** {@code POST /containers/{id}/wait}. */
class WaitRootIT extends ApiCases {
    private static String body(UnixHttp http, Response.Head head) throws IOException {
        return new String(http.body(head).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void headersComeBeforeTheContainerHasStarted() throws IOException {
        String id = create("exit 5");
        try (UnixHttp http = connect()) {
            Response.Head head = http.open(Request.post("/containers/" + id + "/wait?condition=next-exit"));
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Content-Type")).startsWith("application/json");
            start(id);
            assertThat(body(http, head)).contains("\"StatusCode\":5");
        }
        Response inspected = call(Request.get("/containers/" + id + "/json"));
        assertThat(inspected.json().path("State").path("Status").asString()).isEqualTo("exited");
    }

    @Test
    void notRunningIsTrueOfWhatHasEndedAndOfWhatNeverRan() throws IOException {
        String id = create("exit 6");
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt(-1))
                .isZero();
        start(id);
        assertThat(call(Request.post("/containers/" + id + "/wait?condition=not-running"))
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isEqualTo(6);
        assertThat(call(Request.post("/containers/" + id + "/wait"))
                        .json()
                        .path("StatusCode")
                        .asInt())
                .isEqualTo(6);
    }

    @Test
    void removedLastsUntilTheContainerIsGone() throws IOException {
        String id = create("exit 7");
        try (UnixHttp http = connect()) {
            Response.Head head = http.open(Request.post("/containers/" + id + "/wait?condition=removed"));
            start(id);
            call(Request.post("/containers/" + id + "/wait"));
            assertThat(call(Request.delete("/containers/" + id)).status()).isEqualTo(204);
            assertThat(body(http, head)).contains("\"StatusCode\":7");
        }
        refused(Request.get("/containers/" + id + "/json"), 404, "No such container: " + id);
    }

    @Test
    void manyWaitersAllHear() throws IOException {
        String id = create("sleep 0.3; exit 8");
        UnixHttp[] waiters = new UnixHttp[20];
        Response.Head[] heads = new Response.Head[waiters.length];
        for (int i = 0; i < waiters.length; i++) {
            waiters[i] = connect();
            heads[i] = waiters[i].open(Request.post("/containers/" + id + "/wait?condition=next-exit"));
        }
        start(id);
        for (int i = 0; i < waiters.length; i++) {
            assertThat(body(waiters[i], heads[i])).contains("\"StatusCode\":8");
            waiters[i].close();
        }
    }

    @Test
    void refuses() {
        refused(Request.post("/containers/nosuch/wait"), 404, "No such container: nosuch");
        if (form.longshore()) {
            refused(Request.post("/containers/" + create("true") + "/wait?condition=bored"), 400, "bored");
        }
    }
}
