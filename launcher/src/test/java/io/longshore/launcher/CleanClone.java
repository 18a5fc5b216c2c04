package io.longshore.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The project as someone gets it who clones it: the committed files and nothing that a build has made. */
final class CleanClone {
    private CleanClone() {}

    /** Makes it at {@code target}, from the repository of this project; from an unpacked archive, the files without what is built. */
    static void make(Path target) throws IOException, InterruptedException {
        Path project = project();
        if (Files.exists(project.resolve(".git"))) {
            // A checkout made by another user is refused otherwise, by both of the commands that git runs for a clone.
            run(List.of(
                    "git",
                    "-c",
                    "safe.directory=*",
                    "clone",
                    "--quiet",
                    "--no-hardlinks",
                    "--upload-pack",
                    "git -c safe.directory=* upload-pack",
                    project.toString(),
                    target.toString()));
            return;
        }
        Files.createDirectory(target);
        List<String> copy = new ArrayList<>(List.of("bash", "-c"));
        copy.add("tar -C \"$0\" --exclude=target -c . | tar -C \"$1\" -x");
        copy.addAll(List.of(project.toString(), target.toString()));
        run(copy);
    }

    /** The directory with the launcher script, above this module. */
    private static Path project() {
        Path module = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
        Path project = module.toAbsolutePath().getParent();
        assertThat(project).as("the project above %s", module).isNotNull();
        assertThat(project.resolve("longshore")).isExecutable();
        return project;
    }

    private static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor(2, TimeUnit.MINUTES) && process.exitValue() == 0)
                .as("%s: %s", command, said)
                .isTrue();
    }
}
