package io.longshore.platform.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.context.properties.ConfigurationProperties;

/**
 * Refuses keys and variables in a part's own section that no configuration record of the part covers, and variables in other sections
 * that the part has a record of. (A key that a record covers and does not know is refused by the record's binding.) Other parts' sections
 * are left to those parts.
 */
final class UnknownKeys implements SmartInitializingSingleton {
    private final ListableBeanFactory beans;
    private final Settings settings;
    private final Part part;

    UnknownKeys(ListableBeanFactory beans, Settings settings, Part part) {
        this.beans = beans;
        this.settings = settings;
        this.part = part;
    }

    @Override
    public void afterSingletonsInstantiated() {
        List<String> prefixes = new ArrayList<>();
        KnownKeys known = new KnownKeys();
        for (String bean : beans.getBeanNamesForAnnotation(ConfigurationProperties.class)) {
            ConfigurationProperties found = beans.findAnnotationOnBean(bean, ConfigurationProperties.class);
            if (found != null) {
                prefixes.add(found.prefix());
                known.add(found.prefix(), Objects.requireNonNull(beans.getType(bean)));
            }
        }
        Set<String> sections = new TreeSet<>(Set.of(part.id()));
        prefixes.forEach(prefix -> sections.add(prefix.split("\\.", 2)[0]));
        sections.forEach(section -> known.refuseUnknown(settings.variables(section)));
        for (String key : settings.keys()) {
            if (key.startsWith(part.id() + ".") && prefixes.stream().noneMatch(prefix -> covers(prefix, key))) {
                throw new StartFailure("configuration: unknown key \"" + key + "\"" + settings.where(key) + "; "
                        + part.id() + " knows " + prefixes);
            }
        }
    }

    private static boolean covers(String prefix, String key) {
        return key.startsWith(prefix)
                && (key.length() == prefix.length() || ".[".indexOf(key.charAt(prefix.length())) >= 0);
    }
}
