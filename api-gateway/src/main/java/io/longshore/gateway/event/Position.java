package io.longshore.gateway.event;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.web.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;

/**
 * How far a reader has got in each service's events. As text it is the field "cursor" of an event, which a client may give as
 * {@code since} to go on after it.
 *
 * @param cursors by service; a service that is missing is read from {@code sinceNanos} on
 * @param sinceNanos where the reader began, in nanoseconds since the epoch
 */
record Position(Map<String, String> cursors, long sinceNanos) {
    private static final String PREFIX = "c.";
    private static final int LONGEST = 4_096;

    Position {
        cursors = Map.copyOf(cursors);
    }

    static boolean isOne(String text) {
        return text.startsWith(PREFIX);
    }

    static Position parse(String text) {
        try {
            if (text.length() > LONGEST) {
                throw new Failure.Invalid("since: this is no cursor of an event: it is too long");
            }
            byte[] json = Base64.getUrlDecoder().decode(text.substring(PREFIX.length()));
            Map<String, String> all = Json.mapper().readValue(json, new TypeReference<TreeMap<String, String>>() {});
            String since = all.remove("since");
            return new Position(all, since == null ? 0 : Long.parseLong(since));
        } catch (IllegalArgumentException | JacksonException | NullPointerException e) {
            throw new Failure.Invalid("since: this is no cursor of an event: \"" + text + "\"", e);
        }
    }

    String text() {
        Map<String, String> all = new TreeMap<>(cursors);
        all.put("since", Long.toString(sinceNanos));
        byte[] json = Json.mapper().writeValueAsString(all).getBytes(StandardCharsets.UTF_8);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(json);
    }
}
