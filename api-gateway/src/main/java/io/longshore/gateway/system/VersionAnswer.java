package io.longshore.gateway.system;

import io.longshore.contracts.fleet.Node;
import io.longshore.platform.engine.ApiVersion;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The answer of {@code GET /version} (Engine API, SystemVersion). */
final class VersionAnswer {
    private VersionAnswer() {}

    static Map<String, Object> of(List<Node> nodes) {
        String kernel =
                nodes.isEmpty() ? "" : InfoAnswer.representative(nodes).info().kernelVersion();
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("ApiVersion", ApiVersion.LATEST.toString());
        details.put("Arch", goArchitecture(System.getProperty("os.arch", "")));
        details.put("BuildTime", Release.buildTime());
        details.put("Experimental", "false");
        details.put("GitCommit", Release.commit());
        details.put("GoVersion", runtime());
        details.put("KernelVersion", kernel);
        details.put("MinAPIVersion", ApiVersion.OLDEST.toString());
        details.put("Os", "linux");
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("Platform", Map.of("Name", "Longshore"));
        answer.put(
                "Components",
                List.of(Map.of("Name", "Engine", "Version", Release.engineVersion(), "Details", details)));
        answer.put("Version", Release.engineVersion());
        for (String field : List.of("ApiVersion", "MinAPIVersion", "GitCommit", "GoVersion", "Os", "Arch")) {
            answer.put(field, details.get(field));
        }
        if (!kernel.isEmpty()) {
            answer.put("KernelVersion", kernel);
        }
        answer.put("BuildTime", Release.buildTime());
        return answer;
    }

    /** The field is for the language's runtime; ours is not Go's, and says so. */
    private static String runtime() {
        return "java" + Runtime.version().feature() + "." + Runtime.version().interim() + "."
                + Runtime.version().update();
    }

    /** As Go's GOARCH says it. */
    private static String goArchitecture(String java) {
        return switch (java) {
            case "x86_64", "amd64" -> "amd64";
            case "aarch64" -> "arm64";
            default -> java;
        };
    }
}
