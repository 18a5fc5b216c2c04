package io.longshore.acceptance.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.longshore.acceptance.api.ApiCases;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/**
 * The default sandbox equals Docker Engine's from inside, finding by finding: credentials, capabilities, the answer to each system call,
 * mounts with their flags, what is masked, devices, open descriptors, environment, limits, cgroups; over seven sets of options.
 */
class SandboxComparisonRootIT extends ApiCases {
    private static final Map<Options, Map<String, String>> ORACLE = new ConcurrentHashMap<>();
    private static final Map<Options, Boolean> COMPARED = new ConcurrentHashMap<>();

    /** With members of the request, and of its HostConfig. Bridges come later: until then what would be on one has no network. */
    private enum Options {
        DEFAULT("", "\"NetworkMode\": \"none\""),
        USER("\"User\": \"1000:1000\", ", "\"NetworkMode\": \"none\""),
        READ_ONLY("", "\"NetworkMode\": \"none\", \"ReadonlyRootfs\": true, \"Tmpfs\": {\"/tmp\": \"\"}"),
        CAP_DROP("", "\"NetworkMode\": \"none\", \"CapDrop\": [\"ALL\"], \"CapAdd\": [\"CHOWN\"]"),
        NO_NEW_PRIVILEGES("", "\"NetworkMode\": \"none\", \"SecurityOpt\": [\"no-new-privileges\"]"),
        NO_NETWORK("\"Hostname\": \"alone\", \"Env\": [\"A=b\"], ", "\"NetworkMode\": \"none\", \"Memory\": 268435456"),
        HOST_NETWORK("", "\"NetworkMode\": \"host\"");

        final String members;
        final String host;

        Options(String members, String host) {
            this.members = members;
            this.host = host;
        }
    }

    @Test
    void theSandboxIsDockers() throws IOException, InterruptedException {
        Response loaded = call(Request.postTar("/images/load?quiet=1", Probe.archive()));
        assertThat(call(Request.get("/images/" + Probe.IMAGE + "/json")).status())
                .as(loaded.text())
                .isEqualTo(200);
        try {
            List<String> differences = new ArrayList<>();
            for (Options options : Options.values()) {
                Map<String, String> found = Findings.of(probe(options));
                assertThat(found).as("findings of %s", options).hasSizeGreaterThan(600);
                if (!form.longshore()) {
                    ORACLE.put(options, found);
                } else {
                    compare(options, found, differences);
                }
            }
            assertThat(differences).isEmpty();
            assumeTrue(!form.longshore() || !ORACLE.isEmpty(), "Docker Engine did not run before");
        } finally {
            call(Request.delete("/images/" + Probe.IMAGE + "?force=1"));
        }
    }

    private static void compare(Options options, Map<String, String> found, List<String> differences) {
        Map<String, String> expected = ORACLE.get(options);
        if (expected == null) {
            return;
        }
        Map<String, String> all = new TreeMap<>(expected);
        all.putAll(found);
        for (String key : all.keySet()) {
            String theirs = expected.getOrDefault(key, "(none)");
            String ours = found.getOrDefault(key, "(none)");
            String finding = options + " " + key + ": Docker " + theirs + ", Longshore " + ours;
            if (!ours.equals(theirs) && !SandboxDifferences.meant(finding)) {
                differences.add(finding);
            }
        }
        COMPARED.put(options, true);
    }

    @AfterAll
    static void noDifferenceIsListedInVain() {
        if (COMPARED.size() == Options.values().length) {
            assertThat(SandboxDifferences.needless())
                    .as("entries of SandboxDifferences")
                    .isEmpty();
        }
    }

    private String probe(Options options) {
        Response created = call(Request.post(
                "/containers/create",
                "{" + options.members + "\"Image\": \"" + Probe.IMAGE + "\", \"HostConfig\": {" + options.host + "}}"));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        String id = created.json().path("Id").asString();
        start(id);
        Response ended = call(Request.post("/containers/" + id + "/wait"));
        assertThat(ended.json().path("StatusCode").asInt(-1))
                .as("exit code of the probe")
                .isZero();
        byte[] log = call(Request.get("/containers/" + id + "/logs?stdout=1")).body();
        call(Request.delete("/containers/" + id + "?force=1"));
        return text(log);
    }

    /** The payload of Docker's frames: eight bytes of head, the last four of them the length. */
    private static String text(byte[] frames) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at + 8 <= frames.length; ) {
            int size = (frames[at + 4] & 0xff) << 24
                    | (frames[at + 5] & 0xff) << 16
                    | (frames[at + 6] & 0xff) << 8
                    | (frames[at + 7] & 0xff);
            text.append(new String(Arrays.copyOfRange(frames, at + 8, at + 8 + size), StandardCharsets.UTF_8));
            at += 8 + size;
        }
        return text.toString();
    }
}
