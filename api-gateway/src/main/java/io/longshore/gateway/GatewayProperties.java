package io.longshore.gateway;

import io.longshore.platform.run.RunProperties;
import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipalNotFoundException;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * The front door's listener.
 *
 * @param socket path of the socket for clients; {@code longshore.sock} in the run directory by default. Its directory is made 0750
 * @param socketGroup group whose members may open it; {@code longshore} by default, where there is such a group; empty for none
 */
@ConfigurationProperties(prefix = "gateway", ignoreUnknownFields = false)
public record GatewayProperties(
        @Nullable Path socket, @Nullable String socketGroup) {
    private static final String GROUP = "longshore";

    public GatewayProperties {
        if (socket != null && !socket.isAbsolute()) {
            throw new IllegalArgumentException("gateway.socket: \"" + socket + "\" is not an absolute path");
        }
    }

    /** The socket for clients in effect. */
    public Path socketOrDefault(RunProperties run) {
        return socket == null ? run.directoryOrDefault().resolve("longshore.sock") : socket;
    }

    @Nullable
    String groupOrDefault() {
        if (socketGroup != null) {
            return socketGroup.isEmpty() ? null : socketGroup;
        }
        try {
            FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(GROUP);
            return GROUP;
        } catch (UserPrincipalNotFoundException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException("cannot look up group " + GROUP, e);
        }
    }
}
