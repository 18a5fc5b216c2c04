package io.longshore.container.placement;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a node must or must not be, in the words of Swarm's services: {@code node.hostname==ship}, {@code node.labels.zone!=b}.
 *
 * @param key one of {@code node.id}, {@code node.hostname}, {@code node.platform.os}, {@code node.platform.arch}, {@code node.labels.NAME}
 *     (given by an operator) and {@code engine.labels.NAME} (of the node's own configuration)
 * @param equal whether it must be that, or must not
 * @param value without regard to case, as Swarm compares
 */
public record Constraint(String key, boolean equal, String value) {
    private static final String NODE_LABEL = "node.labels.";
    private static final String ENGINE_LABEL = "engine.labels.";
    private static final List<String> KEYS =
            List.of("node.id", "node.hostname", "node.platform.os", "node.platform.arch");
    private static final Pattern SYNTAX = Pattern.compile("\\s*([^\\s=!]{1,255})\\s*(==|!=)\\s*([^\\s=!,]{1,255})\\s*");
    /** As many as one container can have: each is looked at for each node. */
    private static final int MOST = 32;

    /** Of a text with commas between them; {@code Invalid} names one that is none. */
    public static List<Constraint> parse(String text) {
        List<Constraint> constraints = new ArrayList<>();
        for (String one : text.split(",", -1)) {
            Matcher matcher = SYNTAX.matcher(one);
            if (!matcher.matches() || !isKey(matcher.group(1))) {
                throw new Failure.Invalid(
                        "invalid constraint \"" + one.strip() + "\": write KEY==VALUE or KEY!=VALUE, where KEY is"
                                + " node.id, node.hostname, node.platform.os, node.platform.arch, node.labels.NAME or engine.labels.NAME");
            }
            constraints.add(new Constraint(matcher.group(1), matcher.group(2).equals("=="), matcher.group(3)));
        }
        if (constraints.size() > MOST) {
            throw new Failure.Invalid(
                    "a container can have at most " + MOST + " constraints, not " + constraints.size());
        }
        return List.copyOf(constraints);
    }

    private static boolean isKey(String key) {
        return KEYS.contains(key)
                || (key.startsWith(NODE_LABEL) && key.length() > NODE_LABEL.length())
                || (key.startsWith(ENGINE_LABEL) && key.length() > ENGINE_LABEL.length());
    }

    /** Whether it holds for the node. A label that a node does not have is equal to nothing. */
    public boolean holds(Node node) {
        return value.equalsIgnoreCase(of(node)) == equal;
    }

    private String of(Node node) {
        return switch (key) {
            case "node.id" -> node.id().value();
            case "node.hostname" -> node.name();
            case "node.platform.os" -> node.info().osType();
            case "node.platform.arch" -> node.info().architecture();
            default ->
                key.startsWith(NODE_LABEL)
                        ? label(node.spec().labels(), NODE_LABEL)
                        : label(node.labels(), ENGINE_LABEL);
        };
    }

    private String label(Map<String, String> labels, String prefix) {
        return labels.getOrDefault(key.substring(prefix.length()), "");
    }

    /** Whether it names one node. */
    public boolean isNode() {
        return equal && (key.equals("node.hostname") || key.equals("node.id"));
    }

    @Override
    public String toString() {
        return key + (equal ? "==" : "!=") + value;
    }
}
