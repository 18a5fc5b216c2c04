package io.longshore.platform.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.BindHandler;
import org.springframework.boot.context.properties.bind.Bindable;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.handler.NoUnboundElementsBindHandler;
import org.springframework.boot.context.properties.source.ConfigurationPropertySources;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.boot.origin.OriginLookup;
import org.springframework.boot.web.context.servlet.ApplicationServletEnvironment;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.EnumerablePropertySource;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.PropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;
import org.springframework.core.io.FileSystemResource;

/**
 * The configuration of all parts of a process: one YAML file, and environment variables that begin with {@code LONGSHORE_}, which win
 * ({@code LONGSHORE_RUN_DIRECTORY} for {@code run.directory}). Immutable.
 */
public final class Settings {
    /** Where the file is when neither {@code --config} nor {@link #FILE_VARIABLE} says so. */
    public static final Path DEFAULT_FILE = Path.of("/etc/longshore/longshore.yaml");
    /** Environment variable with the file's path. */
    public static final String FILE_VARIABLE = "LONGSHORE_CONFIG";

    static final String PREFIX = "LONGSHORE_";

    private static final Set<String> SHARED_SECTIONS =
            Set.of("run", "services", "listen", "identity", "database", "standalone");

    private final List<PropertySource<?>> sources;
    private final Map<String, String> environment;

    private Settings(List<PropertySource<?>> sources, Map<String, String> environment) {
        this.sources = List.copyOf(sources);
        this.environment = Map.copyOf(environment);
    }

    /**
     * Reads the file named by {@code --config FILE}, else by the environment, else the default one, which may be absent.
     *
     * @throws StartFailure when the file cannot be read, or it or a variable has a section that no part knows
     */
    public static Settings load(List<String> arguments, Map<String, String> environment) {
        @Nullable Path named = named(arguments, environment);
        Map<String, String> own = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX) && !name.equals(FILE_VARIABLE)) {
                own.put(name.substring(PREFIX.length()), value);
            }
        });
        List<PropertySource<?>> file =
                named == null && !Files.exists(DEFAULT_FILE) ? List.of() : read(named == null ? DEFAULT_FILE : named);
        Settings settings = new Settings(file, own);
        settings.refuseUnknownSections();
        return settings;
    }

    /** Settings from values, as a file would give them: {@code Map.of("run.directory", "/tmp/x")}. */
    public static Settings of(Map<String, ?> values) {
        Settings settings = new Settings(List.of(new MapPropertySource("settings", Map.copyOf(values))), Map.of());
        settings.refuseUnknownSections();
        return settings;
    }

    /** These settings with some values replaced. */
    public Settings with(Map<String, ?> values) {
        List<PropertySource<?>> all = new ArrayList<>();
        all.add(new MapPropertySource("settings-" + sources.size(), Map.copyOf(values)));
        all.addAll(sources);
        return new Settings(all, environment);
    }

    private static @Nullable Path named(List<String> arguments, Map<String, String> environment) {
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            if (argument.startsWith("--config=")) {
                return Path.of(argument.substring("--config=".length()));
            }
            if (argument.equals("--config") && i + 1 < arguments.size()) {
                return Path.of(arguments.get(i + 1));
            }
        }
        String variable = environment.get(FILE_VARIABLE);
        return variable == null || variable.isEmpty() ? null : Path.of(variable);
    }

    private static List<PropertySource<?>> read(Path file) {
        if (!Files.isReadable(file)) {
            throw new StartFailure("configuration: cannot read " + file);
        }
        try {
            return new YamlPropertySourceLoader().load(file.toString(), new FileSystemResource(file));
        } catch (IOException | RuntimeException e) {
            throw new StartFailure("configuration: " + file + " is no valid YAML: " + e.getMessage(), e);
        }
    }

    /**
     * One section as its record, for what is decided before any part runs.
     *
     * @param type annotated with {@code ConfigurationProperties}
     * @throws StartFailure for an unknown key or a wrong value, named
     */
    public <T> T section(Class<T> type) {
        ConfigurationProperties section = type.getAnnotation(ConfigurationProperties.class);
        if (section == null) {
            throw new IllegalArgumentException(type + " is not annotated with ConfigurationProperties");
        }
        KnownKeys known = new KnownKeys();
        known.add(section.prefix(), type);
        known.refuseUnknown(variables(section.prefix()));
        try {
            return Binder.get(environment())
                    .bindOrCreate(
                            section.prefix(), Bindable.of(type), new NoUnboundElementsBindHandler(BindHandler.DEFAULT));
        } catch (RuntimeException e) {
            throw ServiceRunner.explain(section.prefix(), e);
        }
    }

    /** The value of one key, from the file or the environment. */
    public Optional<String> value(String key) {
        return Optional.ofNullable(environment().getProperty(key));
    }

    /** All keys of the file, sorted. */
    Collection<String> keys() {
        Set<String> keys = new TreeSet<>();
        for (PropertySource<?> source : sources) {
            if (source instanceof EnumerablePropertySource<?> enumerable) {
                keys.addAll(List.of(enumerable.getPropertyNames()));
            }
        }
        return keys;
    }

    /** Where the file has a key, in brackets; empty when it does not come from a file. */
    String where(String key) {
        return sources.stream()
                .map(source -> OriginLookup.getOrigin(source, key))
                .filter(Objects::nonNull)
                .map(origin -> " (" + origin + ")")
                .findFirst()
                .orElse("");
    }

    /** The environment variables below a section, such as {@code agent.drivers}, without their common prefix; sorted. */
    List<String> variables(String section) {
        String start = KnownKeys.variable(section) + "_";
        return environment.keySet().stream()
                .filter(name -> name.startsWith(start))
                .sorted()
                .toList();
    }

    private void refuseUnknownSections() {
        Set<String> known = new TreeSet<>(SHARED_SECTIONS);
        for (Part part : Part.values()) {
            known.add(part.id());
        }
        for (String key : keys()) {
            String section = key.split("[.\\[]", 2)[0];
            if (!known.contains(section)) {
                throw new StartFailure("configuration: unknown key \"" + key + "\"" + where(key) + ": no section \""
                        + section + "\", there are " + known);
            }
        }
        for (String name : new TreeSet<>(environment.keySet())) {
            String section = name.split("_", 2)[0].toLowerCase(Locale.ROOT);
            if (!known.contains(section)) {
                throw new StartFailure("configuration: unknown variable \"" + PREFIX + name + "\": no section \""
                        + section + "\", there are " + known);
            }
        }
    }

    /** An environment for one context, with nothing in it but these settings. */
    ConfigurableEnvironment environment() {
        ConfigurableEnvironment fresh = new ApplicationServletEnvironment();
        MutablePropertySources target = fresh.getPropertySources();
        target.remove(StandardEnvironment.SYSTEM_PROPERTIES_PROPERTY_SOURCE_NAME);
        target.remove(StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME);
        target.addLast(new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME, Map.copyOf(environment)));
        sources.forEach(target::addLast);
        ConfigurationPropertySources.attach(fresh);
        return fresh;
    }
}
