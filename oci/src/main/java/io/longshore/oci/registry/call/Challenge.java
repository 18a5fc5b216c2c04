package io.longshore.oci.registry.call;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry asks for (RFC 9110, 11.3; RFC 6750, 3): {@code Bearer realm="...",service="...",scope="..."}.
 *
 * @param scheme in lower case
 * @param parameters by their names in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    /** No registry says more, and the pattern never sees it. */
    private static final int MAX_LENGTH = 4096;

    private static final Pattern PART = Pattern.compile(
            "\\G\\s*,?\\s*(?:([A-Za-z0-9_-]+)\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([^\\s,\"]++))|([A-Za-z0-9_-]+))");

    /** The challenges of a header's values; what is malformed is left out. */
    static List<Challenge> parse(List<String> headers) {
        List<Challenge> challenges = new ArrayList<>();
        for (String header : headers) {
            if (header.length() > MAX_LENGTH) {
                continue;
            }
            Matcher matcher = PART.matcher(header);
            Challenge current = null;
            while (matcher.find()) {
                if (matcher.group(4) != null) {
                    current = new Challenge(matcher.group(4).toLowerCase(Locale.ROOT), new HashMap<>());
                    challenges.add(current);
                } else if (current != null) {
                    String quoted = matcher.group(2);
                    String value = quoted == null ? matcher.group(3) : quoted.replaceAll("\\\\(.)", "$1");
                    current.parameters.put(matcher.group(1).toLowerCase(Locale.ROOT), value);
                }
            }
        }
        return challenges;
    }

    static Optional<Challenge> of(List<Challenge> challenges, String scheme) {
        return challenges.stream()
                .filter(challenge -> challenge.scheme.equals(scheme))
                .findFirst();
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }
}
