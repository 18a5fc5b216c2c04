package io.longshore.testbed.http;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One request. {@code target} is the path with its query, already escaped; headers are whole lines ({@code "Upgrade: tcp"}).
 *
 * @param body what is sent after the head with its Content-Length; empty for none
 */
@SuppressWarnings("ArrayRecordComponent")
public record Request(String method, String target, List<String> headers, byte[] body) {

    public static Request get(String target) {
        return new Request("GET", target, List.of(), new byte[0]);
    }

    public static Request head(String target) {
        return new Request("HEAD", target, List.of(), new byte[0]);
    }

    public static Request delete(String target) {
        return new Request("DELETE", target, List.of(), new byte[0]);
    }

    public static Request post(String target) {
        return new Request("POST", target, List.of(), new byte[0]);
    }

    /** A POST of JSON. */
    public static Request post(String target, String json) {
        return new Request(
                "POST", target, List.of("Content-Type: application/json"), json.getBytes(StandardCharsets.UTF_8));
    }

    /** A POST of a tar archive. */
    public static Request postTar(String target, byte[] archive) {
        return new Request("POST", target, List.of("Content-Type: application/x-tar"), archive);
    }

    /** The same with one header line more. */
    public Request with(String header) {
        List<String> more = new ArrayList<>(headers);
        more.add(header);
        return new Request(method, target, List.copyOf(more), body);
    }

    byte[] bytes() {
        StringBuilder head = new StringBuilder(200);
        head.append(method).append(' ').append(target).append(" HTTP/1.1\r\nHost: docker\r\n");
        headers.forEach(header -> head.append(header).append("\r\n"));
        boolean framed =
                headers.stream().anyMatch(h -> h.startsWith("Transfer-Encoding:") || h.startsWith("Content-Length:"));
        if (!framed && (body.length > 0 || method.equals("POST") || method.equals("PUT"))) {
            head.append("Content-Length: ").append(body.length).append("\r\n");
        }
        ByteArrayOutputStream all = new ByteArrayOutputStream(head.length() + 2 + body.length);
        all.writeBytes(UnixHttp.ascii(head.append("\r\n").toString()));
        all.writeBytes(body);
        return all.toByteArray();
    }
}
