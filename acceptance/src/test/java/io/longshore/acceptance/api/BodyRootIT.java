package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Bodies and queries that are wrong: a status and a message that names what is wrong, nothing left, the connection in order. */
class BodyRootIT extends ApiCases {
    private static final String CREATE = "/containers/create";

    private void nothingLeft() {
        assertThat(call(Request.get("/containers/json?all=1")).text().strip()).isEqualTo("[]");
    }

    @Test
    void malformedJson() {
        for (String body : List.of("{", "{\"Image\":", "[]", "\"busybox\"", "{\"Image\":\"busybox\",}", "nonsense")) {
            Response answer = call(Request.post(CREATE, body));
            assertThat(answer.status()).as("%s: %s", body, answer.text()).isIn(400, form.longshore() ? 400 : 500);
            assertThat(answer.message())
                    .as(body)
                    .isNotBlank()
                    .doesNotContain("tools.jackson", "Exception", "io.longshore");
        }
        nothingLeft();
    }

    @Test
    void wrongTypes() {
        Map<String, String> bodies = Map.of(
                "Image", "{\"Image\":{}}",
                "HostConfig", "{\"Image\":\"busybox\",\"HostConfig\":[]}",
                "Env", "{\"Image\":\"busybox\",\"Env\":{\"A\":1}}",
                "Labels", "{\"Image\":\"busybox\",\"Labels\":[]}",
                "Memory", "{\"Image\":\"busybox\",\"HostConfig\":{\"Memory\":\"much\"}}",
                "NanoCpus", "{\"Image\":\"busybox\",\"HostConfig\":{\"NanoCpus\":1.5}}");
        bodies.forEach((field, body) -> {
            Response answer = call(Request.post(CREATE, body));
            assertThat(answer.status()).as("%s: %s", body, answer.text()).isIn(400, form.longshore() ? 400 : 500);
            assertThat(answer.message()).as(body).doesNotContain("tools.jackson", "io.longshore");
            // Docker Engine names some by their types only.
            assertThat(answer.message()).as(body).contains(form.longshore() ? field : "cannot unmarshal");
        });
        nothingLeft();
    }

    @Test
    void noBodyAndNoConfiguration() {
        for (String body : List.of("{}", "null", "{\"HostConfig\":{}}")) {
            Response answer = call(Request.post(CREATE, body));
            assertThat(answer.status()).as("%s: %s", body, answer.text()).isEqualTo(400);
            assertThat(answer.message()).as(body).isNotBlank();
        }
        assertThat(call(Request.post(CREATE)).status()).isIn(400, form.longshore() ? 400 : 500);
        nothingLeft();
    }

    @Test
    void unknownMembersAreIgnored() {
        String id = create("true", "\"NoSuchMember\":{\"deep\":[1,2,{}]},");
        assertThat(call(Request.get("/containers/" + id + "/json")).status()).isEqualTo(200);
    }

    @Test
    void membersInAnotherCaseAreTaken() {
        Response created = call(
                Request.post(
                        CREATE,
                        "{\"image\":\"busybox\",\"cmd\":[\"true\"],\"hostconfig\":{\"networkmode\":\"none\",\"readonlyrootfs\":true}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        Response inspected =
                call(Request.get("/containers/" + created.json().path("Id").asString() + "/json"));
        assertThat(inspected.json().path("HostConfig").path("ReadonlyRootfs").asBoolean())
                .isTrue();
    }

    @Test
    void aBodyOfAnotherTypeIsRefused() {
        Request request = new Request(
                "POST",
                CREATE,
                List.of("Content-Type: text/plain"),
                "{\"Image\":\"busybox\"}".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Response answer = call(request);
        assertThat(answer.status()).as(answer.text()).isIn(400, 415, form.longshore() ? 400 : 500);
        assertThat(answer.message()).contains("text/plain");
        nothingLeft();
    }

    @Test
    void aHugeBodyIsRefused() throws IOException {
        if (!form.longshore()) {
            return;
        }
        // Read as by the clients of most languages: first the whole request is written, then the answer is read.
        String label = "x".repeat(1 << 20);
        StringBuilder body = new StringBuilder("{\"Image\":\"busybox\",\"Labels\":{");
        for (int i = 0; i < 20; i++) {
            body.append('"').append(i).append("\":\"").append(label).append("\",");
        }
        Response answer = call(Request.post(CREATE, body.append("\"z\":\"\"}}").toString()));
        assertThat(answer.status()).as(answer.message()).isEqualTo(413);
        assertThat(answer.message()).contains("bytes");
        nothingLeft();
    }

    @Test
    void deepNestingIsRefusedOrIgnoredButHarmless() {
        String deep = "[".repeat(100_000) + "]".repeat(100_000);
        Response answer = call(Request.post(CREATE, "{\"Deep\":" + deep + ",\"Image\":\"nosuch\"}"));
        assertThat(answer.status()).as(answer.message()).isBetween(400, form.longshore() ? 499 : 500);
        nothingLeft();
    }

    @Test
    void chunkedBodiesAreRead() throws IOException {
        String json = "{\"Image\":\"busybox\",\"HostConfig\":{\"NetworkMode\":\"none\"}}";
        try (UnixHttp http = connect()) {
            Request request = new Request(
                    "POST",
                    CREATE,
                    List.of("Content-Type: application/json", "Transfer-Encoding: chunked"),
                    new byte[0]);
            http.write((head(request) + Integer.toHexString(json.length()) + "\r\n" + json + "\r\n0\r\n\r\n")
                    .getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            Response.Head head = http.readHead();
            http.body(head).readAllBytes();
            assertThat(head.status()).isEqualTo(201);
        }
    }

    private static String head(Request request) {
        return request.method() + " " + request.target() + " HTTP/1.1\r\nHost: docker\r\n"
                + String.join("\r\n", request.headers()) + "\r\n\r\n";
    }

    @Test
    void filtersTakeBothForms() {
        create("true", "\"Labels\":{\"a\":\"b\"},");
        for (String filter : List.of("{\"label\":{\"a=b\":true}}", "{\"label\":[\"a=b\"]}")) {
            assertThat(call(Request.get("/containers/json?all=1&filters=" + escape(filter)))
                            .json()
                            .size())
                    .as(filter)
                    .isEqualTo(1);
        }
        for (String filter : List.of("{\"label\":{\"a=c\":true}}", "{\"label\":[\"a=c\"]}")) {
            assertThat(call(Request.get("/containers/json?all=1&filters=" + escape(filter)))
                            .json()
                            .size())
                    .as(filter)
                    .isZero();
        }
        assertThat(call(Request.get("/containers/json?all=1&filters=")).json().size())
                .isEqualTo(1);
        assertThat(call(Request.get("/containers/json?all=1&filters=" + escape("{}")))
                        .json()
                        .size())
                .isEqualTo(1);
    }

    @Test
    void filtersAreRefusedByName() {
        refused(Request.get("/containers/json?filters=" + escape("{\"colour\":[\"blue\"]}")), 400, "colour");
        refused(Request.get("/images/json?filters=" + escape("{\"colour\":[\"blue\"]}")), 400, "colour");
        for (String filter : List.of("nonsense", "{\"label\":5}", "[]")) {
            Response answer = call(Request.get("/containers/json?filters=" + escape(filter)));
            assertThat(answer.status()).as(filter).isIn(400, form.longshore() ? 400 : 500);
            assertThat(answer.message()).as(filter).isNotBlank();
        }
    }

    @Test
    void numbersInQueriesAreChecked() {
        create("true");
        Response limit = call(Request.get("/containers/json?limit=many"));
        assertThat(limit.status()).isIn(400, form.longshore() ? 400 : 500);
        assertThat(limit.message()).contains("many");
        assertThat(call(Request.get("/containers/json?all=1&limit=-1")).json().size())
                .isEqualTo(1);
        assertThat(call(Request.get("/containers/json?all=true&limit=0")).json().size())
                .isEqualTo(1);
    }

    @Test
    void stateConflictsAreTold() {
        String id = create("sleep 60");
        refused(Request.post("/containers/" + id + "/kill"), 409, "is not running");
        start(id);
        assertThat(call(Request.post("/containers/" + id + "/start")).status()).isEqualTo(304);
        assertThat(call(Request.post("/containers/" + id + "/start")).text()).isEmpty();
        refused(Request.delete("/containers/" + id), 409, "running container");
        assertThat(call(Request.post("/containers/" + id + "/stop?t=0")).status())
                .isEqualTo(204);
        assertThat(call(Request.post("/containers/" + id + "/stop?t=0")).status())
                .isEqualTo(304);
        assertThat(call(Request.delete("/containers/" + id)).status()).isEqualTo(204);
        refused(Request.delete("/containers/" + id), 404, "No such container: " + id);
    }

    @Test
    void aNameInTheQueryIsChecked() {
        Response created = call(Request.post(CREATE + "?name=" + escape("a b"), "{\"Image\":\"busybox\"}"));
        assertThat(created.status()).isEqualTo(400);
        assertThat(created.message()).contains("Invalid container name (a b)");
        nothingLeft();
    }
}
