package io.longshore.versions;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.longshore.contracts.agent.AgentForwardApi;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.ExecId;
import io.longshore.contracts.id.NodeId;
import io.longshore.platform.web.Json;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * What is promised between a version and the one before it ({@code docs/decisions/0054-versions-in-one-fleet.md}): a node's agent goes on while
 * the services have been upgraded. {@code agent-contract-before.txt} is what {@link AgentContract} printed of the version before; it changes with a
 * release alone.
 */
class AgentContractTest {
    /** Of what is a map. */
    private static final String KEY = "some key";

    private static Set<String> before;
    private static AgentContract now;

    @BeforeAll
    static void read() throws IOException {
        try (InputStream in = AgentContractTest.class.getResourceAsStream("/agent-contract-before.txt")) {
            assertThat(in).isNotNull();
            before = new TreeSet<>(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList());
        }
        now = AgentContract.read(AgentForwardApi.class);
    }

    /** A value that is new is told to those alone who know it, which is no matter of this test. */
    @Test
    void whatTheVersionBeforeHasIsThere() {
        assertThat(before).hasSizeGreaterThan(500);
        assertThat(before.stream().filter(line -> !isThere(line)).toList())
                .as("calls, and what is in them: may be added to, and nothing else")
                .isEmpty();
    }

    private static boolean isThere(String line) {
        int last = line.lastIndexOf(' ');
        if (now.lines().contains(line) || line.indexOf('|', last) < 0) {
            return now.lines().contains(line);
        }
        Set<String> values = Set.of(line.substring(last + 1).split("\\|"));
        return now.lines().stream()
                .filter(other -> other.startsWith(line.substring(0, last + 1)))
                .anyMatch(
                        other -> Set.of(other.substring(last + 1).split("\\|")).containsAll(values));
    }

    /** An agent's answers, its first words to the fleet, and its own files after its upgrade. */
    @Test
    void whatTheVersionBeforeWritesIsRead() {
        now.documents().forEach((beginning, type) -> {
            if (before.stream().anyMatch(line -> line.startsWith(beginning + " "))) {
                Object sample = sample(
                        beginning + " ",
                        type,
                        path -> before.stream()
                                .anyMatch(line -> line.startsWith(path)
                                        && (line.length() == path.length()
                                                || " .[{".indexOf(line.charAt(path.length())) >= 0)));
                reads(beginning, type, sample);
            }
        });
    }

    @Test
    void whatIsNotKnownYetIsPassedOver() {
        now.documents().forEach((beginning, type) -> {
            Object sample = sample(beginning + " ", type, _ -> true);
            reads(beginning, type, added(sample));
        });
    }

    private static void reads(String beginning, Type type, Object sample) {
        String json = new String(Json.bytes(sample), StandardCharsets.UTF_8);
        assertThatCode(() -> {
                    Object read = Json.mapper().readValue(json, Json.mapper().constructType(type));
                    assertThat(read).isNotNull();
                })
                .as("%s %s", beginning, json)
                .doesNotThrowAnyException();
    }

    /** A value of the type as JSON has it, with those properties that are wanted. */
    private static Object sample(String path, Type type, Predicate<String> wanted) {
        return switch (AgentContract.shape(type)) {
            case LIST -> List.of(sample(path + "[]", AgentContract.element(type), wanted));
            case MAP -> Map.of(KEY, sample(path + "{}", AgentContract.element(type), wanted));
            case RECORD -> {
                Map<String, Object> object = new LinkedHashMap<>();
                AgentContract.properties(type).forEach((name, of) -> {
                    String at = path + "." + name;
                    if (wanted.test(at)) {
                        object.put(name, sample(at, of, wanted));
                    }
                });
                yield object;
            }
            case VALUE -> value((Class<?>) type);
        };
    }

    private static Object value(Class<?> type) {
        if (type.isEnum()) {
            return type.getEnumConstants()[0].toString();
        }
        if (type == ContainerId.class || type == ExecId.class) {
            return "0".repeat(64);
        }
        return switch (type) {
            case Class<?> t when t == Digest.class -> "sha256:" + "0".repeat(64);
            case Class<?> t when t == NodeId.class -> "0".repeat(25);
            case Class<?> t when t == Instant.class -> Instant.EPOCH.toString();
            case Class<?> t when t == Duration.class -> Duration.ofSeconds(1).toString();
            case Class<?> t when t == boolean.class || t == Boolean.class -> true;
            case Class<?> t when t.isPrimitive() || Number.class.isAssignableFrom(t) -> 1;
            default -> "text";
        };
    }

    /** The same with a property in each object that nobody knows. */
    private static Object added(Object sample) {
        if (sample instanceof List<?> list) {
            List<Object> all = new ArrayList<>();
            list.forEach(each -> all.add(added(each)));
            return all;
        }
        if (sample instanceof Map<?, ?> map) {
            Map<Object, Object> all = new LinkedHashMap<>();
            map.forEach((key, each) -> all.put(key, added(each)));
            if (!map.containsKey(KEY)) {
                all.put("ofALaterVersion", Map.of("deep", List.of(1, "two")));
            }
            return all;
        }
        return sample;
    }
}
