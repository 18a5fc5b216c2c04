package io.longshore.container.request;

import io.longshore.container.kernel.Capabilities;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.container.HostConfig;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.fleet.Node;
import io.longshore.contracts.image.ClaimedImage;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Checks a create request. What is wrong is {@link Failure.Invalid}, what Longshore does not have yet is
 * {@link Failure.NotImplemented}; both name the field and its value.
 */
public final class RequestCheck {
    private RequestCheck() {}

    /** What can be said from the request alone, before anything is claimed. */
    public static void check(CreateRequest request) {
        ConfigCheck.check(request.config(), Completion.networkMode(request).equals("none"));
        HostCheck.check(request);
    }

    /** What of a request, as the client sent it, its node cannot do and does without. */
    public static List<String> warnings(CreateRequest request, Node node) {
        HostConfig host = request.hostConfig();
        List<String> warnings =
                new ArrayList<>(Discards.warnings(host, node.info().features()));
        if (host != null) {
            boolean privileged = Boolean.TRUE.equals(host.privileged());
            Capabilities.effective(privileged, host.capAdd(), host.capDrop()).stream()
                    .filter(node.info().missingCapabilities()::contains)
                    .map(name -> "The node does not have the capability " + name + ": the container does without it.")
                    .forEach(warnings::add);
        }
        return warnings;
    }

    /** What can be said of the complete request, once image and node are known. */
    public static void checkComplete(CreateRequest complete, Node node) {
        ConfigCheck.checkCommand(complete.config());
        HostConfig host = complete.hostConfig();
        if (host != null) {
            ResourceCheck.checkFits(host, node.info());
            SecurityOptions.checkFits(host.securityOpt(), node.info());
            String runtime = host.runtime() == null ? "" : host.runtime();
            if (!node.info().runtimes().contains(runtime)) {
                throw new Failure.Invalid("unknown or invalid runtime name: " + runtime);
            }
        }
    }

    /** The query parameter {@code platform}: {@code os[/architecture[/variant]]}, against the image that was found. */
    public static void checkPlatform(@Nullable String platform, String reference, ClaimedImage image) {
        if (platform == null || platform.isEmpty()) {
            return;
        }
        String[] parts = platform.toLowerCase(Locale.ROOT).split("/", -1);
        if (parts.length > 3 || !platform.matches("[A-Za-z0-9_./-]+")) {
            throw new Failure.Invalid("\"" + platform + "\": platform specifier component must match [A-Za-z0-9_-]+");
        }
        boolean matches = parts.length == 1
                ? parts[0].equals(image.os()) || architecture(parts[0]).equals(image.architecture())
                : parts[0].equals(image.os()) && architecture(parts[1]).equals(image.architecture());
        if (!matches) {
            throw new Failure.NotFound("image with reference " + reference
                    + " was found but its platform (" + image.os() + "/" + image.architecture()
                    + ") does not match the specified platform (" + platform + ")");
        }
    }

    private static String architecture(String name) {
        return switch (name) {
            case "x86_64", "x86-64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> name;
        };
    }
}
