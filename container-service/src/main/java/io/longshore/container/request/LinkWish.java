package io.longshore.container.request;

import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.LinkSpec;
import io.longshore.contracts.container.ContainerConfig;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.ContainerId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * One of {@code HostConfig.Links} or {@code EndpointsConfig.Links}: a container by name or id, and the alias under which it is to be found.
 *
 * @param container as the client names it, without a slash
 * @param alias without a slash
 */
public record LinkWish(String container, String alias) {
    private static final Pattern NAME = Pattern.compile("[^\\s#;:/]{1,253}");
    private static final int MOST = 100;

    /** {@code name}, {@code name:alias}, or as inspect shows it: {@code /name:/owner/alias}. {@code Invalid} quotes anything else. */
    static LinkWish parse(String text) {
        String[] parts = text.split(":", -1);
        String container = parts[0].startsWith("/") ? parts[0].substring(1) : parts[0];
        String alias = parts.length < 2 ? container : parts[1].substring(parts[1].lastIndexOf('/') + 1);
        boolean good = parts.length <= 2
                && NAME.matcher(container).matches()
                && NAME.matcher(alias).matches()
                && (parts.length < 2 || parts[1].indexOf('/') <= 0);
        if (!good) {
            throw new Failure.Invalid("bad format for links: " + text);
        }
        return new LinkWish(container, alias);
    }

    /** {@code Invalid} if one of them makes no sense, or there are too many. */
    static void check(@Nullable List<String> links) {
        if (links != null && links.size() > MOST) {
            throw new Failure.Invalid("a container can have at most " + MOST + " links, not " + links.size());
        }
        if (links != null) {
            links.forEach(LinkWish::parse);
        }
    }

    /** What a request asks for on the default network, where links are more than names; the first of each alias. */
    public static List<LinkWish> of(CreateRequest request) {
        HostConfig host = request.hostConfig();
        if (host == null
                || host.links() == null
                || !EndpointWishes.network(request).equals("bridge")) {
            return List.of();
        }
        Map<String, LinkWish> byAlias = new LinkedHashMap<>();
        host.links().stream().map(LinkWish::parse).forEach(link -> byAlias.putIfAbsent(link.alias, link));
        return List.copyOf(byAlias.values());
    }

    /**
     * The link to this container.
     *
     * @throws Failure.Invalid if it has the node's network
     */
    public LinkSpec to(ContainerId id, String name, ContainerConfig config, ContainerSpec spec) {
        if (spec.network().isHost()) {
            throw new Failure.Invalid("conflicting options: host type networking can't be used with links. This would"
                    + " result in undefined behavior");
        }
        return new LinkSpec(
                id, alias, name, config.env() == null ? List.of() : config.env(), PortPublishing.exposed(config));
    }
}
