package io.longshore.image.query;

import io.longshore.contracts.image.ImageConfig;
import io.longshore.oci.ImageReference;
import io.longshore.platform.engine.ApiVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where the versions of the Engine API differ in what they tell of images (Engine API, version history). */
final class EngineForms {
    private static final List<String> NO_TAGS = List.of("<none>:<none>");
    private static final List<String> NO_DIGESTS = List.of("<none>@<none>");

    private EngineForms() {}

    /** Before 1.43 an image without names had a made-up one. */
    static List<String> repoTags(List<ImageReference> names, ApiVersion version) {
        List<String> tags = names.stream()
                .filter(name -> name.tag() != null)
                .map(ImageReference::familiar)
                .toList();
        return tags.isEmpty() && names.isEmpty() && !version.atLeast(43) ? NO_TAGS : tags;
    }

    /** As {@link #repoTags}. */
    static List<String> repoDigests(List<ImageReference> names, ApiVersion version) {
        List<String> digests = names.stream()
                .filter(name -> name.digest() != null)
                .map(ImageReference::familiar)
                .toList();
        return names.isEmpty() && !version.atLeast(43) ? NO_DIGESTS : digests;
    }

    /** Up to 1.43 the size was there twice, as {@code VirtualSize} too. */
    static boolean hasVirtualSize(ApiVersion version) {
        return !version.atLeast(44);
    }

    /**
     * Up to 1.44 inspect had the container that an image was committed from, and its configuration. The latter stays, empty: docker-compose 1
     * speaks the newest version that it is offered, and ends with an exception where it finds none when it makes a container anew.
     */
    static void container(Map<String, Object> fields, @Nullable String container, ApiVersion version) {
        if (version.atLeast(45)) {
            fields.put("ContainerConfig", Map.of());
        } else {
            fields.put("Container", container == null ? "" : container);
            fields.put("ContainerConfig", config(null, version));
        }
    }

    /** Before 1.50 an image's configuration had all fields of a container's. */
    static Map<String, Object> config(@Nullable ImageConfig config, ApiVersion version) {
        boolean whole = !version.atLeast(50);
        Map<String, Object> fields = new LinkedHashMap<>();
        if (whole) {
            fields.put("Hostname", "");
            fields.put("Domainname", "");
            fields.put("User", "");
            fields.put("AttachStdin", false);
            fields.put("AttachStdout", false);
            fields.put("AttachStderr", false);
            fields.put("Tty", false);
            fields.put("OpenStdin", false);
            fields.put("StdinOnce", false);
            fields.put("Env", null);
            fields.put("Cmd", null);
            fields.put("Image", "");
            fields.put("Volumes", null);
            fields.put("WorkingDir", "");
            fields.put("Entrypoint", null);
            fields.put("OnBuild", null);
            fields.put("Labels", null);
        }
        if (config != null) {
            given(fields, "User", config.user());
            given(fields, "ExposedPorts", config.exposedPorts());
            given(fields, "Env", config.env());
            given(fields, "Cmd", config.command());
            given(fields, "Healthcheck", config.healthcheck());
            given(fields, "ArgsEscaped", config.argsEscaped());
            given(fields, "Volumes", config.volumes());
            given(fields, "WorkingDir", config.workingDir());
            given(fields, "Entrypoint", config.entrypoint());
            given(fields, "OnBuild", config.onBuild());
            given(fields, "Labels", config.labels());
            given(fields, "StopSignal", config.stopSignal());
            given(fields, "Shell", config.shell());
        }
        return fields;
    }

    private static void given(Map<String, Object> fields, String name, @Nullable Object value) {
        if (value != null) {
            fields.put(name, value);
        }
    }
}
