package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Nftables.Chain;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Others' chains that drop what is forwarded. That our table accepts a packet does not keep them from that, so the first rule of each accepts
 * what our table has marked: the only thing that is ever changed of others' rules. Docker Engine keeps a chain for this, DOCKER-USER. Only
 * chains of nftables can be seen, which iptables of today makes too; not those of iptables-legacy. For one thread, but for the remarks.
 */
final class ForeignChains {
    private static final Logger LOG = LoggerFactory.getLogger(ForeignChains.class);
    private static final String DOCKER_USER = "DOCKER-USER";
    /** firewalld rejects by a last rule of its own, not by policy. */
    private static final String FIREWALLD = "firewalld";

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]+");

    private final Firewall firewall;
    private final String ownTable;
    private volatile List<String> remarks = List.of();

    ForeignChains(Firewall firewall, String ownTable) {
        this.firewall = firewall;
        this.ownTable = ownTable;
    }

    /** Looks at all of them, and sees to it that each has our rule. */
    void look() throws IOException {
        List<Chain> all = firewall.chains().stream()
                .filter(each -> !each.table().equals(ownTable))
                .toList();
        List<String> said = new ArrayList<>();
        for (Chain chain : all) {
            if (chain.forwards() && (chain.drops() || chain.table().equals(FIREWALLD))) {
                Chain target = all.stream()
                        .filter(each -> each.name().equals(DOCKER_USER)
                                && each.family().equals(chain.family())
                                && each.table().equals(chain.table()))
                        .findFirst()
                        .orElse(chain);
                open(target);
                said.add("Another firewall drops forwarded packets (chain " + chain + "); a rule with the comment \""
                        + ownTable + "\" in chain " + target + " lets those of containers through");
            }
        }
        remarks = List.copyOf(said);
    }

    private void open(Chain chain) throws IOException {
        // Names that cannot be told to nft(8) without quoting are nobody's that is known.
        if (!NAME.matcher(chain.table()).matches()
                || !NAME.matcher(chain.name()).matches()) {
            return;
        }
        if (!firewall.comments(chain).contains(ownTable)) {
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
