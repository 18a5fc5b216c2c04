package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.engine.SeparateProcesses;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What the services hold in their tables: a row for each container, and for each row its claims, asked for as the parts ask each other. */
final class Rows {
    private static final int PAGE = 1_000;

    private Rows() {}

    static void compare(Longshore longshore, JsonNode containers, Differences wrong) {
        Set<String> all = LeakCheck.ids(containers, Set.of());
        wrong.same("owners of claims on images", owners(longshore, "image"), all);
        // Those on none and host are written behind the answer, so that a crash may lose some (docs/decisions/0004).
        wrong.within("owners of claims on networks", owners(longshore, "network"), all);
        wrong.within("owners of claims on volumes", owners(longshore, "volume"), all);
        Set<String> quarantined = new HashSet<>();
        longshore
                .ask("container", "/internal/containers/quarantine")
                .json()
                .forEach(held -> quarantined.add(held.toString()));
        wrong.within("containers in quarantine", quarantined, Set.of());
        if (longshore instanceof SeparateProcesses processes) {
            wrong.same("rows of containers", processes.containerRows(), all);
        }
    }

    private static Set<String> owners(Longshore longshore, String service) {
        Set<String> owners = new HashSet<>();
        String after = "";
        while (true) {
            JsonNode page = longshore
                    .ask(service, "/internal/claims?limit=" + PAGE + (after.isEmpty() ? "" : "&after=" + after))
                    .json()
                    .path("claims");
            if (page.isEmpty()) {
                return owners;
            }
            for (JsonNode claim : page) {
                after = claim.path("owner").path("container").asString();
                owners.add(after);
            }
        }
    }
}
