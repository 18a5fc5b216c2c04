package io.longshore.image.distribution;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.image.intake.Intake;
import io.longshore.image.node.NodeAgents;
import io.longshore.image.registry.Registries;
import io.longshore.oci.ImageReference;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Pull (Engine API: ImageCreate with fromImage). */
@RestController
class PullController {
    private final NodeAgents agents;
    private final Intake intake;
    private final Registries registries;

    PullController(NodeAgents agents, Intake intake, Registries registries) {
        this.agents = agents;
        this.intake = intake;
        this.registries = registries;
    }

    /** POST /images/create?fromImage=. What is not there has its status; what goes wrong later is told at the end of the answer. */
    @PostMapping(
            path = "/images/create",
            params = {"fromImage", "fromImage!="})
    void pull(
            Caller caller,
            @RequestParam String fromImage,
            @RequestParam(defaultValue = "") String tag,
            @RequestParam(defaultValue = "") String platform,
            @RequestHeader(name = Registries.LOGIN_HEADER, required = false) @Nullable String login,
            HttpServletRequest request,
            HttpServletResponse response)
            throws IOException {
        ImageReference name = name(fromImage, tag);
        Pull.Wanted wanted = new Pull.Wanted(
                name, Platform.parse(platform), !platform.isEmpty(), registries.login(caller, name.domain(), login));
        Pull pull = Pull.open(wanted, registries.access(), intake, agents.agent(caller));
        StreamResponse.of(request, response)
                .contentType(ProgressLines.TYPE)
                .abandoned(pull::close)
                .output(output -> {
                    try (pull) {
                        pull.run(caller, new ProgressLines(output));
                    }
                });
    }

    /** A digest goes before a tag, as in Docker; a name with neither means all tags, for which some clients write a colon. */
    private static ImageReference name(String image, String tag) {
        ImageReference name =
                ImageReference.parse(image.endsWith(":") ? image.substring(0, image.length() - 1) : image);
        if (tag.startsWith("sha256:")) {
            return ImageReference.parse(name.name() + "@" + tag);
        }
        if (tag.indexOf(':') >= 0) {
            throw new Failure.Invalid("invalid tag \"" + tag + "\": a digest is written sha256:...");
        }
        ImageReference tagged = tag.isEmpty() ? name : name.withTag(tag);
        return tagged.digest() == null ? tagged : tagged.withDigest(tagged.digest());
    }
}
