package io.longshore.oci.registry.call;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryAccess;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * One way to reach a registry.
 *
 * @param scheme {@code https} or {@code http}
 * @param name host, with a port where it is written: {@code registry.example:5000}
 * @param verified whether its certificate must be vouched for
 * @param mirror whether it stands in for another registry, whose logins it must never see
 */
public record RegistryHost(String scheme, String name, boolean verified, boolean mirror) {
    private static final String DOCKER_IO = "docker.io";
    /** Where docker.io's content is. */
    private static final String HUB = "registry-1.docker.io";

    private static final Pattern LOOPBACK =
            Pattern.compile("(?:localhost|127\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}|\\[::1])(?::\\d+)?");

    /** The ways to reach the registry of a reference's domain for reading, in the order in which they are tried: mirrors first. */
    public static List<RegistryHost> forReading(String domain, RegistryAccess access) {
        List<RegistryHost> hosts = new ArrayList<>();
        if (domain.equals(DOCKER_IO)) {
            access.mirrors().forEach(mirror -> hosts.add(mirror(mirror, access)));
        }
        hosts.addAll(forWriting(domain, access));
        return hosts;
    }

    /** The ways to reach the registry itself: one, or, where plain HTTP may be spoken, TLS and then that. */
    public static List<RegistryHost> forWriting(String domain, RegistryAccess access) {
        String name = domain.equals(DOCKER_IO) ? HUB : domain;
        if (isInsecure(domain, access)) {
            return List.of(new RegistryHost("https", name, false, false), new RegistryHost("http", name, false, false));
        }
        return List.of(new RegistryHost("https", name, true, false));
    }

    private static RegistryHost mirror(String url, RegistryAccess access) {
        URI uri = URI.create(url);
        if (uri.getAuthority() == null || !List.of("http", "https").contains(uri.getScheme())) {
            throw new Failure.Invalid("mirror \"" + url + "\" is no URL such as https://mirror.example");
        }
        String name = uri.getAuthority();
        return new RegistryHost(uri.getScheme(), name, !isInsecure(name, access), true);
    }

    /** Whether plain HTTP, or a certificate that nobody vouches for, will do. */
    static boolean isInsecure(String name, RegistryAccess access) {
        return LOOPBACK.matcher(name.toLowerCase(Locale.ROOT)).matches()
                || access.insecure().stream().map(InsecureRegistry::parse).anyMatch(each -> each.covers(name));
    }

    /** The base of its endpoints, without a slash at the end. */
    public URI base() {
        return URI.create(scheme + "://" + name);
    }

    /** Its host alone. */
    String host() {
        return base().getHost();
    }

    /** Whether a URL leads to this very origin (RFC 6454): credentials go nowhere else. */
    boolean isOriginOf(URI uri) {
        URI base = base();
        return scheme.equals(uri.getScheme())
                && base.getHost() != null
                && base.getHost().equalsIgnoreCase(uri.getHost())
                && port(base) == port(uri);
    }

    static int port(URI uri) {
        return uri.getPort() >= 0 ? uri.getPort() : "https".equals(uri.getScheme()) ? 443 : 80;
    }

    @Override
    public String toString() {
        return base().toString();
    }
}
