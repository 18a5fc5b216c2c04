package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.image.registry.Registries;
import io.longshore.oci.ImageReference;
import io.longshore.oci.manifest.Descriptor;
import io.longshore.oci.manifest.Document;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.oci.registry.RemoteManifest;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** What a registry is asked without moving an image (Engine API: DistributionInspect). */
@RestController
class DistributionController {
    private static final String INSPECT = "/json";

    private final Registries registries;

    DistributionController(Registries registries) {
        this.registries = registries;
    }

    /** GET /distribution/{name}/json: what a name leads to in its registry. */
    @GetMapping("/distribution/{*path}")
    Map<String, Object> distribution(
            Caller caller,
            @PathVariable String path,
            @RequestHeader(name = Registries.LOGIN_HEADER, required = false) @Nullable String header) {
        if (!path.endsWith(INSPECT) || path.length() <= INSPECT.length() + 1) {
            throw new Failure.NotFound("page not found");
        }
        ImageReference name = ImageReference.parse(path.substring(1, path.length() - INSPECT.length()))
                .withDefaultTag();
        RegistryLogin login = registries.login(caller, name.domain(), header);
        try (RegistryClient registry = RegistryClient.reading(name.domain(), name.path(), registries.access(), login)) {
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
