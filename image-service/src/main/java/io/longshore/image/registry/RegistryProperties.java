package io.longshore.image.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.oci.registry.call.InsecureRegistry;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * How registries are reached; see {@link RegistryAccess}.
 *
 * @param insecure hosts and blocks of addresses that may be spoken to over plain HTTP; none by default beside the machine itself
 * @param mirrors of docker.io, as URLs; none by default
 * @param trusted hosts that registries may lead to whatever their network; none by default
 * @param certificates directory with a directory per host; /etc/docker/certs.d by default
 * @param idle how long a registry may keep silent; 30 s by default, 1 s to 10 min
 */
@ConfigurationProperties(prefix = "image.registry", ignoreUnknownFields = false)
public record RegistryProperties(
        @Nullable List<String> insecure,
        @Nullable List<String> mirrors,
        @Nullable List<String> trusted,
        @Nullable Path certificates,
        @Nullable Duration idle) {
    private static final List<String> HUB = List.of("docker.io", "index.docker.io", "registry-1.docker.io");
    private static final Duration LONGEST = Duration.ofMinutes(10);

    public RegistryProperties {
        for (String each : insecure == null ? List.<String>of() : insecure) {
            requireRegistry(each);
        }
        for (String mirror : mirrors == null ? List.<String>of() : mirrors) {
            URI uri = URI.create(mirror);
            boolean plain = (uri.getPath() == null
                            || uri.getPath().isEmpty()
                            || uri.getPath().equals("/"))
                    && uri.getHost() != null
                    && uri.getUserInfo() == null;
            if (!plain || !List.of("http", "https").contains(uri.getScheme())) {
                throw new IllegalArgumentException(
                        "image.registry.mirrors: \"" + mirror + "\" is no URL such as https://mirror.example");
            }
        }
        if (certificates != null && !certificates.isAbsolute()) {
            throw new IllegalArgumentException(
                    "image.registry.certificates: \"" + certificates + "\" is not an absolute path");
        }
        if (idle != null && (idle.toSeconds() < 1 || idle.compareTo(LONGEST) > 0)) {
            throw new IllegalArgumentException(
                    "image.registry.idle: " + idle + " is not between a second and " + LONGEST);
        }
    }

    private static void requireRegistry(String insecure) {
        try {
            InsecureRegistry read = InsecureRegistry.parse(insecure);
            if (HUB.stream().anyMatch(read::covers)) {
                throw new IllegalArgumentException(
                        "image.registry.insecure: \"" + insecure + "\": docker.io is reached by TLS alone");
            }
        } catch (Failure e) {
            throw new IllegalArgumentException("image.registry.insecure: " + e.text(), e);
        }
    }

    RegistryAccess access() {
        return new RegistryAccess(
                insecure == null ? List.of() : insecure,
                mirrors == null ? List.of() : mirrors,
                trusted == null ? List.of() : trusted,
                certificates == null ? RegistryAccess.CERTIFICATES : certificates.toString(),
                idle == null ? RegistryAccess.IDLE_SECONDS : (int) idle.toSeconds());
    }
}
