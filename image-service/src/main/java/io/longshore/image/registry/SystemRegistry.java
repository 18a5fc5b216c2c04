package io.longshore.image.registry;

import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.ImageReference;
import io.longshore.oci.registry.RegistryClient;
import io.longshore.platform.file.PrivateFile;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The registry by which images come to other nodes, if there is one: where an image is in it, and as whom it is asked. Images of a project
 * share a repository, so that it has each of their layers once. Thread-safe.
 */
@Component
public class SystemRegistry {
    /** A component of a repository's name (OCI distribution spec, Pulling manifests), but for {@code __}, which marks those made up here. */
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|-+)[a-z0-9]+)*");
    /** Longest component that a project is written as; a name has 255 characters in all. */
    private static final int LONGEST = 64;

    private static final int MOST_OF_NAME = 40;
    private static final int OF_DIGEST = 12;

    private final @Nullable String address;
    private final @Nullable RegistryLogin login;
    private final RegistryAccess access;

    SystemRegistry(SystemRegistryProperties properties, RegistryProperties registries) {
        this.address = properties.address();
        this.access = registries.access();
        Path file = properties.passwordFile();
        this.login = file == null ? null : new RegistryLogin(properties.username(), password(file), null, null);
    }

    private static String password(Path file) {
        try {
            if (PrivateFile.isOpen(file)) {
                throw new StartFailure("image.system-registry.password-file: others may read or write " + file
                        + ": chmod 600 it, and change the password if somebody has read it");
            }
            String password = Files.readString(file, StandardCharsets.UTF_8).strip();
            if (password.isEmpty()) {
                throw new StartFailure("image.system-registry.password-file: " + file + " is empty");
            }
            return password;
        } catch (IOException e) {
            throw new StartFailure("image.system-registry.password-file: cannot read " + file + ": " + e, e);
        }
    }

    /** Whether there is one. */
    public boolean isConfigured() {
        return address != null;
    }

    /** As it is configured; empty when there is none. */
    public String address() {
        return address == null ? "" : address;
    }

    /** The repository of a project's images, without a tag. */
    public ImageReference repository(String project) {
        return ImageReference.parse(address() + "/longshore/" + component(project));
    }

    /** The image's tag in its project's repository. */
    public String tag(Digest image) {
        return image.hex();
    }

    /** How it is reached. */
    public RegistryAccess access() {
        return access;
    }

    /** As whom it is asked; null for nobody. */
    public @Nullable RegistryLogin login() {
        return login;
    }

    /** Writes to a project's repository. To be closed. */
    public RegistryClient writing(String project) {
        ImageReference repository = repository(project);
        return RegistryClient.writing(repository.domain(), repository.path(), access, login, List.of());
    }

    /** Deletes from a project's repository. To be closed. */
    public RegistryClient deleting(String project) {
        ImageReference repository = repository(project);
        return RegistryClient.deleting(repository.domain(), repository.path(), access, login);
    }

    /** The project as a part of a repository's name: no two are the same. */
    static String component(String project) {
        if (project.length() <= LONGEST && COMPONENT.matcher(project).matches()) {
            return project;
        }
        String plain =
                project.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        String beginning =
                plain.substring(0, Math.min(plain.length(), MOST_OF_NAME)).replaceAll("-$", "");
        String digest =
                Digest.of(project.getBytes(StandardCharsets.UTF_8)).hex().substring(0, OF_DIGEST);
        return (beginning.isEmpty() ? "project" : beginning) + "__" + digest;
    }
}
