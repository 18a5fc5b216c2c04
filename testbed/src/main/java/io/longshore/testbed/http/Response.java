package io.longshore.testbed.http;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A whole answer. */
@SuppressWarnings("ArrayRecordComponent")
public record Response(Head head, byte[] body) {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    public int status() {
        return head.status();
    }

    /** The value of a header, empty if there is none. */
    public String header(String name) {
        return head.header(name);
    }

    public String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    public JsonNode json() {
        return JSON.readTree(body);
    }

    /** The message of an error answer; empty if the body is no such JSON. */
    public String message() {
        return text().startsWith("{") ? json().path("message").asString("") : "";
    }

    /** This, if the status is as expected; otherwise an exception with the answer's text. */
    public Response expect(int status) throws IOException {
        if (status() != status) {
            throw new IOException("status " + status() + " instead of " + status + ": " + text());
        }
        return this;
    }

    /** Status line and headers. */
    public static final class Head {
        private final String statusLine;
        private final Map<String, String> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);

        Head(String statusLine) {
            this.statusLine = statusLine;
        }

        void add(String line) {
            int colon = line.indexOf(':');
            headers.put(
                    line.substring(0, colon).trim(), line.substring(colon + 1).trim());
        }

        public String statusLine() {
            return statusLine;
        }

        public int status() {
            return Integer.parseInt(statusLine.split(" ", 3)[1]);
        }

        /** The value of a header, empty if there is none. */
        public String header(String name) {
            return headers.getOrDefault(name, "");
        }

        public Map<String, String> headers() {
            return new LinkedHashMap<>(headers);
        }
    }
}
