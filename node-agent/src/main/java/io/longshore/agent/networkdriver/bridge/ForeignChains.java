package io.longshore.agent.networkdriver.bridge;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Others' chains that drop what is forwarded. That our table accepts a packet does not keep them from that, so the first rule of each accepts
 * what our table has marked: the only thing that is ever changed of others' rules. Docker Engine keeps a chain for this, DOCKER-USER. Only
 * chains of nftables can be seen, which iptables of today makes too; not those of iptables-legacy. For one thread, but for the remarks.
 */
final class ForeignChains {
    private static final Logger LOG = LoggerFactory.getLogger(ForeignChains.class);
    private static final Set<String> FAMILIES = Set.of("ip", "ip6", "inet");
    private static final String DOCKER_USER = "DOCKER-USER";
    /** firewalld rejects by a last rule of its own, not by policy. */
    private static final String FIREWALLD = "firewalld";

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final Firewall firewall;
    private final String ownTable;
    private volatile List<String> remarks = List.of();

    ForeignChains(Firewall firewall, String ownTable) {
        this.firewall = firewall;
        this.ownTable = ownTable;
    }

    private record Chain(String family, String table, String name) {
        @Override
        public String toString() {
            return family + " " + table + " " + name;
        }
    }

    /** Looks at all of them, and sees to it that each has our rule. */
    void look() throws IOException {
        JsonNode all = JSON.readTree(firewall.run("list chains")).path("nftables");
        List<Chain> user = new ArrayList<>();
        List<Chain> dropping = new ArrayList<>();
        for (JsonNode each : all) {
            JsonNode chain = each.path("chain");
            String family = chain.path("family").asString("");
            String table = chain.path("table").asString("");
            String name = chain.path("name").asString("");
            Chain found = new Chain(family, table, name);
            if (!FAMILIES.contains(family) || table.equals(ownTable)) {
                continue;
            }
            if (name.equals(DOCKER_USER)) {
                user.add(found);
            }
            boolean forwards = chain.path("hook").asString("").equals("forward");
            if (forwards && (chain.path("policy").asString("").equals("drop") || table.equals(FIREWALLD))) {
                dropping.add(found);
            }
        }
        List<String> said = new ArrayList<>();
        for (Chain chain : dropping) {
            Chain target = user.stream()
                    .filter(each ->
                            each.family().equals(chain.family()) && each.table().equals(chain.table()))
                    .findFirst()
                    .orElse(chain);
            open(target);
            said.add("Another firewall drops forwarded packets (chain " + chain + "); a rule with the comment \""
                    + ownTable + "\" in chain " + target + " lets those of containers through");
        }
        remarks = List.copyOf(said);
    }

    private void open(Chain chain) throws IOException {
        // Names that cannot be told to nft(8) without quoting are nobody's that is known.
        if (!(chain.table() + chain.name()).matches("[A-Za-z0-9_.-]+")) {
            return;
        }
        String rules = firewall.run("list chain " + chain);
        if (!rules.contains("\"comment\": \"" + ownTable + "\"")) {
            LOG.info(
                    "chain {} drops forwarded packets: a rule with the comment \"{}\" is added to it", chain, ownTable);
            firewall.run("insert rule " + chain + " meta mark & " + Rules.MARK + " == " + Rules.MARK
                    + " counter accept comment \"" + ownTable + "\"");
        }
    }

    List<String> remarks() {
        return remarks;
    }
}
