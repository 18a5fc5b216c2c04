package io.longshore.image.distribution;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.RemoteManifest;
import io.longshore.oci.registry.call.RegistryError;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** What a registry is asked without moving an image (Engine API: SystemAuth, DistributionInspect). */
@RestController
class RegistryController {
    private static final String INSPECT = "/json";

    private final RegistryProperties registries;

    RegistryController(RegistryProperties registries) {
        this.registries = registries;
    }

    /** What a login came to. */
    record LoggedIn(
            @JsonProperty("IdentityToken") String identityToken,
            @JsonProperty("Status") String status) {}

    /** POST /auth. Nothing of it is kept: the client sends what it has with each request. */
    @PostMapping("/auth")
    LoggedIn auth(Caller caller, @RequestBody LoginHeader asked) {
        RegistryLogin login = asked.login();
        if (login == null) {
            throw new Failure.Invalid("username and password, or an identity token, are needed to log in");
        }
        String domain = domain(asked.serverAddress());
        try {
            String token =
                    RegistryClient.login(domain, registries.access(), login).orElse("");
            return new LoggedIn(token, "Login Succeeded");
        } catch (RegistryError e) {
            if (e.status() == 401 || e.status() == 403) {
                throw new Failure.Unauthenticated(
                        "login attempt to " + domain + " failed with status: " + e.status() + ": " + e.text(), e);
            }
            throw e;
        }
    }

    /** The registry of an address as clients write it: with a scheme and a path of old, or nothing for docker.io. */
    private static String domain(@Nullable String address) {
        String rest = address == null ? "" : address.replaceFirst("^https?://", "");
        String host = rest.replaceFirst("/.*$", "");
        if (host.isEmpty() || host.equals("index.docker.io") || host.equals("registry-1.docker.io")) {
            return "docker.io";
        }
        // Only what a reference could begin with.
        return ImageReference.parse(
                        host.indexOf('.') < 0 && host.indexOf(':') < 0 && !host.equals("localhost")
                                ? host + ":443/name"
                                : host + "/name")
                .domain();
    }

    /** GET /distribution/{name}/json: what a name leads to in its registry. */
    @GetMapping("/distribution/{*path}")
    Map<String, Object> distribution(
            Caller caller,
            @PathVariable String path,
            @RequestHeader(name = LoginHeader.NAME, required = false) @Nullable String header) {
        if (!path.endsWith(INSPECT) || path.length() <= INSPECT.length() + 1) {
            throw new Failure.NotFound("page not found");
        }
        ImageReference name = ImageReference.parse(path.substring(1, path.length() - INSPECT.length()))
                .withDefaultTag();
        try (RegistryClient registry =
                RegistryClient.reading(name.domain(), name.path(), registries.access(), LoginHeader.parse(header))) {
            RemoteManifest found = RemoteImage.document(registry, name);
            Map<String, Object> descriptor = new LinkedHashMap<>();
            descriptor.put("mediaType", found.mediaType());
            descriptor.put("digest", found.digest().value());
            descriptor.put("size", found.size());
            return Map.of("Descriptor", descriptor, "Platforms", platforms(registry, name, found));
        } catch (Failure e) {
            throw RegistryWords.ofPull(e, name);
        }
    }

    private static List<Map<String, Object>> platforms(
            RegistryClient registry, ImageReference name, RemoteManifest found) {
        if (found.document() instanceof Document.Index index) {
            return index.manifests().stream()
                    .map(Descriptor::platform)
                    .filter(Objects::nonNull)
                    .map(platform -> platform(platform.architecture(), platform.os(), platform.variant()))
                    .toList();
        }
        var configuration = RemoteImage.find(registry, name.withDigest(found.digest()), Platform.OWN)
                .configuration();
        return List.of(
                platform(configuration.architecture(), configuration.operatingSystem(), configuration.variant()));
    }

    private static Map<String, Object> platform(
            @Nullable String architecture, @Nullable String os, @Nullable String variant) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("architecture", architecture == null ? "" : architecture);
        fields.put("os", os == null ? "" : os);
        if (variant != null && !variant.isEmpty()) {
            fields.put("variant", variant);
        }
        return fields;
    }
}
