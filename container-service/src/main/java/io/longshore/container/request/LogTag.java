package io.longshore.container.request;

import io.longshore.contracts.id.ContainerId;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The log option {@code tag}: text in which fields such as {@code {{.Name}}} stand for what is known of the container. */
final class LogTag {
    private static final int SHORT_ID = 12;
    private static final Pattern ACTION = Pattern.compile("\\{\\{(?: *\\.([A-Za-z]+) *}})?");
    private static final Subject ANY = new Subject(
            ContainerId.parse("0".repeat(2 * 32)), "name", "sha256:" + "0".repeat(2 * 32), "image", List.of("command"));

    private LogTag() {}

    /**
     * The container that a tag is about.
     *
     * @param imageId with its algorithm
     * @param imageName as the client gave it
     * @param command entrypoint and arguments
     */
    record Subject(ContainerId id, String name, String imageId, String imageName, List<String> command) {}

    /** Refuses what of Docker's templates is not there. */
    static void check(String template) {
        expand(template, ANY);
    }

    static String expand(String template, Subject subject) {
        if (!template.contains("{{")) {
            return template;
        }
        Map<String, String> fields = fields(subject);
        Matcher action = ACTION.matcher(template);
        return action.replaceAll(found -> {
            String field = found.group(1);
            @Nullable String value = field == null ? null : fields.get(field);
            if (value == null) {
                throw Refusals.notYet(
                        "HostConfig.LogConfig.Config",
                        "tag=" + template,
                        "; use "
                                + String.join(
                                        ", ", fields.keySet().stream().sorted().toList()) + ", each as {{.Name}}");
            }
            return Matcher.quoteReplacement(value);
        });
    }

    private static Map<String, String> fields(Subject subject) {
        String id = subject.id().value();
        return Map.ofEntries(
                Map.entry("ID", id.substring(0, SHORT_ID)),
                Map.entry("FullID", id),
                Map.entry("ContainerID", id),
                Map.entry("Name", subject.name()),
                Map.entry("ContainerName", "/" + subject.name()),
                // Of the text with its algorithm, as Docker cuts it.
                Map.entry("ImageID", subject.imageId().substring(0, SHORT_ID)),
                Map.entry("ImageFullID", subject.imageId()),
                Map.entry("ContainerImageID", subject.imageId()),
                Map.entry("ImageName", subject.imageName()),
                Map.entry("ContainerImageName", subject.imageName()),
                Map.entry("Command", String.join(" ", subject.command())),
                Map.entry("ContainerEntrypoint", subject.command().getFirst()),
                Map.entry("DaemonName", "docker"));
    }
}
