package io.longshore.acceptance.clients;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.command.LoadImageCallback;
import com.github.dockerjava.api.exception.DockerClientException;
import com.github.dockerjava.api.exception.DockerException;
import com.github.dockerjava.api.model.Image;
import com.github.dockerjava.api.model.PushResponseItem;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Images, with a registry that has {@code tools:1}. */
record ImageSession(DockerClient client, Lines lines, String registry) {

    void run() throws IOException, InterruptedException {
        namesAndArchives();
        registries();
    }

    private void namesAndArchives() throws IOException {
        client.tagImageCmd("busybox", "mine/tools", "2").exec();
        InspectImageResponse seen = client.inspectImageCmd("busybox").exec();
        lines.tell("image", seen.getOs(), command(seen), sorted(seen.getRepoTags()));
        byte[] saved;
        try (InputStream archive =
                client.saveImageCmd("mine/tools").withTag("2").exec()) {
            saved = archive.readAllBytes();
        }
        client.removeImageCmd("mine/tools:2").exec();
        lines.refused(
                "image removed", () -> client.inspectImageCmd("mine/tools:2").exec(), "No such image: mine/tools:2");
        lines.tell(
                "loaded",
                client.loadImageAsyncCmd(new ByteArrayInputStream(saved))
                        .exec(new LoadImageCallback())
                        .awaitMessage()
                        .strip());
        client.removeImageCmd("mine/tools:2").exec();
        String user =
                client.createContainerCmd("busybox").withName("user").exec().getId();
        lines.refused(
                "image in use",
                () -> client.removeImageCmd(Objects.requireNonNull(seen.getId()))
                        .exec(),
                "must be forced");
        String committed = client.commitCmd(user)
                .withRepository("mine/committed")
                .withTag("1")
                .exec();
        lines.tell(
                "committed",
                client.inspectImageCmd(committed).exec().getRepoTags(),
                client.listImagesCmd().exec().size());
        client.removeContainerCmd(user).exec();
        client.removeImageCmd(committed).withForce(true).exec();
    }

    private void registries() throws InterruptedException {
        client.pullImageCmd(registry + "/tools").withTag("1").start().awaitCompletion();
        lines.tell(
                "pulled", command(client.inspectImageCmd(registry + "/tools:1").exec()));
        client.tagImageCmd(registry + "/tools:1", registry + "/pushed", "1").exec();
        Heard<PushResponseItem> pushed =
                client.pushImageCmd(registry + "/pushed:1").exec(new Heard<>()).toItsEnd();
        lines.tell(
                "pushed",
                pushed.all().stream()
                        .anyMatch(item -> String.valueOf(item.getStatus()).startsWith("1: digest: sha256:")));
        try {
            client.pullImageCmd(registry + "/nothing").withTag("1").start().awaitCompletion();
            lines.tell("not in the registry", "was not refused");
        } catch (DockerException | DockerClientException e) {
            lines.tell(
                    "not in the registry",
                    e.getClass().getSimpleName(),
                    String.valueOf(e.getMessage()).contains("nothing"));
        }
        client.removeImageCmd(registry + "/tools:1").exec();
        client.removeImageCmd(registry + "/pushed:1").exec();
        lines.tell(
                "images",
                client.listImagesCmd().exec().stream()
                        .flatMap(ImageSession::names)
                        .toList());
    }

    private static Stream<String> names(Image image) {
        return image.getRepoTags() == null ? Stream.empty() : Arrays.stream(image.getRepoTags());
    }

    private static String command(InspectImageResponse seen) {
        return Arrays.toString(Objects.requireNonNull(seen.getConfig()).getCmd());
    }

    private static List<String> sorted(@Nullable List<String> names) {
        return Objects.requireNonNull(names).stream().sorted().toList();
    }
}
