package io.longshore.agent.log;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What goes with every line of a log, by name: a tag, labels, environment variables. */
public final class LogAttributes {
    private static final String HEX = "0123456789abcdef";

    private LogAttributes() {}

    /** As a JSON object with the names in order, escaped as Docker does it (Go's encoding/json); empty for none. */
    public static String json(Map<String, String> attributes) {
        if (attributes.isEmpty()) {
            return "";
        }
        StringBuilder json = new StringBuilder();
        new TreeMap<>(attributes).forEach((name, value) -> {
            json.append(json.isEmpty() ? '{' : ',');
            quote(json, name);
            quote(json.append(':'), value);
        });
        return json.append('}').toString();
    }

    /** As {@code docker logs --details} prints it: name=value, escaped for a URL's query, in the order of the names. */
    static String details(Map<String, String> attributes) {
        return new TreeMap<>(attributes)
                .entrySet().stream()
                        .map(pair -> escaped(pair.getKey()) + "=" + escaped(pair.getValue()))
                        .collect(Collectors.joining(","));
    }

    /** As Go's {@code url.QueryEscape}, which differs from Java's in two characters. */
    private static String escaped(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8)
                .replace("*", "%2A")
                .replace("%7E", "~");
    }

    private static void quote(StringBuilder json, String text) {
        json.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '"', '\\' -> json.append('\\').append(c);
                case '\n' -> json.append("\\n");
                case '\r' -> json.append("\\r");
                case '\t' -> json.append("\\t");
                case '<', '>', '&', '\u2028', '\u2029' -> unicode(json, c);
                default -> {
                    if (c < ' ' || isLone(text, i)) {
                        unicode(json, c < ' ' ? c : '\ufffd');
                    } else {
                        json.append(c);
                    }
                }
            }
        }
        json.append('"');
    }

    /** Half of a surrogate pair, which is no character. */
    private static boolean isLone(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }

    private static void unicode(StringBuilder json, char c) {
        json.append("\\u");
        for (int shift = 12; shift >= 0; shift -= 4) {
            json.append(HEX.charAt(c >> shift & 15));
        }
    }
}
