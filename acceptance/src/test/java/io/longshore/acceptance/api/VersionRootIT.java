package io.longshore.acceptance.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Version negotiation, {@code /_ping} and paths that are not there. */
class VersionRootIT extends ApiCases {
    private int highest() {
        return form.longshore() ? 51 : 41;
    }

    @Test
    void pingAnswersOkWithTheHeadersClientsRead() {
        Response ping = call(Request.get("/_ping"));
        assertThat(ping.status()).isEqualTo(200);
        assertThat(ping.text()).isEqualTo("OK");
        assertThat(ping.header("Content-Type")).isEqualTo("text/plain; charset=utf-8");
        assertThat(ping.header("Api-Version")).isEqualTo("1." + highest());
        assertThat(ping.header("Ostype")).isEqualTo("linux");
        assertThat(ping.header("Docker-Experimental")).isEqualTo("false");
        assertThat(ping.header("Cache-Control")).isEqualTo("no-cache, no-store, must-revalidate");
        assertThat(ping.header("Pragma")).isEqualTo("no-cache");
        assertThat(ping.header("Server")).isNotEmpty();
    }

    @Test
    void headPingHasTheSameHeadersAndNoBody() throws IOException {
        try (UnixHttp http = connect()) {
            Response head = http.exchange(Request.head("/_ping"));
            assertThat(head.status()).isEqualTo(200);
            assertThat(head.header("Api-Version")).isEqualTo("1." + highest());
            assertThat(head.header("Content-Length")).isIn("0", "2");
            assertThat(http.exchange(Request.get("/_ping")).text())
                    .as("the next answer on the connection")
                    .isEqualTo("OK");
        }
    }

    @Test
    void everyVersionInRangeIsServed() {
        for (int minor = 24; minor <= highest(); minor++) {
            Response version = call(Request.get("/v1." + minor + "/version"));
            assertThat(version.status()).as("v1.%d: %s", minor, version.text()).isEqualTo(200);
            assertThat(version.json().path("ApiVersion").asString()).isEqualTo("1." + highest());
            assertThat(call(Request.get("/v1." + minor + "/containers/json"))
                            .text()
                            .strip())
                    .isEqualTo("[]");
        }
    }

    @Test
    void everyAnswerNamesTheVersion() {
        for (String path : List.of("/version", "/containers/json", "/containers/nosuch/json")) {
            assertThat(call(Request.get(path)).header("Api-Version")).as(path).isEqualTo("1." + highest());
        }
    }

    @Test
    void versionsOutOfRangeAreRefusedByNumber() {
        refused(
                Request.get("/v1." + (highest() + 1) + "/version"),
                400,
                "client version 1." + (highest() + 1) + " is too new. Maximum supported API version is 1." + highest());
        refused(Request.get("/v9.9/containers/json"), 400, "client version 9.9 is too new");
        if (form.longshore()) {
            refused(
                    Request.get("/v1.23/version"),
                    400,
                    "client version 1.23 is too old. Minimum supported API version is 1.24");
        }
        refused(
                Request.get("/v1.1/version"),
                400,
                "client version 1.1 is too old. Minimum supported API version is 1.");
    }

    @Test
    void whatIsNoPathIsNotFound() {
        refused(Request.get("/nosuchpath"), 404, "page not found");
        refused(Request.get("/v1.41/nosuchpath"), 404, "page not found");
        refused(Request.post("/version"), 404, "page not found");
    }

    @Test
    void pathsAreNotWalked() {
        for (String path : List.of(
                "/containers/../version",
                "/containers/%2e%2e/json",
                "/containers/..%2fjson/json",
                "//version",
                "/containers/a%00b/json")) {
            Response answer = call(Request.get(path));
            // Docker Engine sends the client to the path that it would have meant.
            assertThat(answer.status())
                    .as("%s: %s", path, answer.text())
                    .isIn(form.longshore() ? List.of(400, 404) : List.of(301, 400, 404, 500));
            assertThat(answer.text()).as(path).doesNotContain("java.", "Exception");
        }
    }
}
