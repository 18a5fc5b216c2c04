package io.longshore.platform.stream;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.web.util.UriUtils;

/**
 * What to ask for as a stream. Immutable.
 *
 * @param method such as {@code POST}
 * @param target path and query, encoded
 * @param headers beside those that the stream needs itself
 * @param json a small body, null for none; bytes are sent as they are
 */
public record StreamRequest(
        String method,
        String target,
        List<ResponseHead.Header> headers,
        @Nullable Object json) {
    public StreamRequest {
        if (!target.startsWith("/") || target.chars().anyMatch(c -> c <= ' ' || c == 127)) {
            throw new IllegalArgumentException("not an encoded path: " + target);
        }
        headers = List.copyOf(headers);
    }

    /** GET of a path, which is encoded already. */
    public static StreamRequest get(String path) {
        return new StreamRequest("GET", path, List.of(), null);
    }

    /** POST to a path, which is encoded already. */
    public static StreamRequest post(String path) {
        return new StreamRequest("POST", path, List.of(), null);
    }

    /** The same with a parameter more; null values are left out. */
    public StreamRequest query(String name, @Nullable Object value) {
        if (value == null) {
            return this;
        }
        String pair = UriUtils.encode(name, java.nio.charset.StandardCharsets.UTF_8) + "="
                + UriUtils.encode(value.toString(), java.nio.charset.StandardCharsets.UTF_8);
        return new StreamRequest(method, target + (target.indexOf('?') < 0 ? "?" : "&") + pair, headers, json);
    }

    /** The same with parameters more. */
    public StreamRequest query(Map<String, ?> parameters) {
        StreamRequest all = this;
        for (Map.Entry<String, ?> parameter : new LinkedHashMap<>(parameters).entrySet()) {
            all = all.query(parameter.getKey(), parameter.getValue());
        }
        return all;
    }

    /** The same with a header more. */
    public StreamRequest header(String name, String value) {
        List<ResponseHead.Header> more = new ArrayList<>(headers);
        more.add(new ResponseHead.Header(name, value));
        return new StreamRequest(method, target, more, json);
    }

    /** The same with a small body as received from somebody else; its Content-Type is among the headers. */
    public StreamRequest rawBody(byte[] value) {
        return new StreamRequest(method, target, headers, value.length == 0 ? null : ByteBuffer.wrap(value));
    }

    /** The same with a small body, sent before the stream begins. */
    public StreamRequest body(Object value) {
        return new StreamRequest(method, target, headers, value);
    }
}
