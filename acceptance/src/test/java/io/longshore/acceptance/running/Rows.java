package io.longshore.acceptance.running;

import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** What the services hold in their tables: a row for each container, and for each row its claims, asked for as the parts ask each other. */
final class Rows {
    private static final int PAGE = 1_000;
    private static final String ENDPOINTS =
            " from container.container, jsonb_array_elements(spec -> 'network' -> 'endpoints') as one";

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
        // Those half made included, which no list shows.
        wrong.same("rows of containers", longshore.rows("select id from container.container"), all);
        networks(longshore, wrong);
        images(longshore, wrong);
        wrong.same("rows of volumes", longshore.rows("select name from volume.volume"), Machine.volumes(longshore));
    }

    /** Networks in any state against the list; endpoints and addresses against what rows of containers say, which is what they run with. */
    private static void networks(Longshore longshore, Differences wrong) {
        wrong.same("rows of networks", longshore.rows("select id from network.network"), ids(longshore, "/networks"));
        wrong.same(
                "addresses that are given out",
                longshore.rows("select concat_ws(' ', network, container, host(address)) from network.lease"
                        + " where container is not null"),
                longshore.rows("select concat_ws(' ', one -> 'network' ->> 'id', id, split_part(address, '/', 1))"
                        + ENDPOINTS + ", jsonb_array_elements_text(one -> 'addresses') as address"));
        wrong.within(
                "endpoints",
                longshore.rows("select concat_ws(' ', network, container) from network.endpoint"),
                longshore.rows("select concat_ws(' ', one -> 'network' ->> 'id', id)" + ENDPOINTS));
    }

    private static void images(Longshore longshore, Differences wrong) {
        wrong.same(
                "rows of images",
                longshore.rows("select id from image.image where removed_at is null"),
                ids(longshore, "/images/json?all=1"));
        wrong.within(
                "rows of layers of no image",
                longshore.rows("select chain_id from image.layer"),
                longshore.rows("select chain_id from image.image_layer"));
    }

    private static Set<String> ids(Longshore longshore, String list) {
        Set<String> ids = new HashSet<>();
        longshore
                .call(Request.get(list))
                .json()
                .forEach(each -> ids.add(each.path("Id").asString()));
        return ids;
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
