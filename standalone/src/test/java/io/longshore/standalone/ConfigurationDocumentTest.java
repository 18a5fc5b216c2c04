package io.longshore.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.context.annotation.ClassPathScanningCandidateComponentProvider;
import org.springframework.core.type.filter.AnnotationTypeFilter;
import org.springframework.util.ClassUtils;

/** The document names every key of every configuration record with its variable, and no other. */
class ConfigurationDocumentTest {
    private static final Path DOCUMENT = Path.of("../docs/configuration.md");
    private static final Pattern ROW = Pattern.compile("\\| `([^`]+)` \\| `([^`]+)` \\|.*\\|.*\\S.*\\|");

    @Test
    void documentAndRecordsAgree() throws IOException {
        Map<String, String> documented = new TreeMap<>();
        for (String line : Files.readAllLines(DOCUMENT)) {
            Matcher row = ROW.matcher(line);
            if (row.matches()) {
                documented.put(row.group(1), row.group(2));
            }
        }
        Map<String, String> known = new TreeMap<>();
        records()
                .forEach(type -> collect(
                        type.getAnnotation(ConfigurationProperties.class).prefix(), type, known));
        assertThat(known).containsKeys("run.directory", "database.url", "standalone.work-directory");
        assertThat(documented).isEqualTo(known);
    }

    private static Stream<Class<?>> records() {
        ClassPathScanningCandidateComponentProvider scanner = new ClassPathScanningCandidateComponentProvider(false);
        scanner.addIncludeFilter(new AnnotationTypeFilter(ConfigurationProperties.class));
        return scanner.findCandidateComponents("io.longshore").stream()
                .<Class<?>>map(found -> ClassUtils.resolveClassName(String.valueOf(found.getBeanClassName()), null))
                .filter(ConfigurationDocumentTest::isProduct);
    }

    private static boolean isProduct(Class<?> type) {
        String location =
                type.getProtectionDomain().getCodeSource().getLocation().toString();
        return !location.endsWith("test-classes/") && !location.endsWith("-tests.jar");
    }

    private static void collect(String prefix, Class<?> type, Map<String, String> keys) {
        assertThat(type.isRecord()).as(type.getName()).isTrue();
        for (RecordComponent component : type.getRecordComponents()) {
            String key = prefix + "."
                    + component.getName().replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
            if (component.getType().isRecord() && component.getType().getName().startsWith("io.longshore")) {
                collect(key, component.getType(), keys);
            } else {
                keys.put(
                        key,
                        "LONGSHORE_" + key.replace("-", "").replace('.', '_').toUpperCase(Locale.ROOT));
            }
        }
    }
}
