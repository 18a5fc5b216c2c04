package io.longshore.standalone;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a machine must have, read from its {@code /proc}. */
record Machine(int javaVersion, String user, Path proc) {
    private static final int JAVA = 25;
    /** openat2 (5.6), clone3 with pidfds (5.3), close_range (5.9). */
    private static final int KERNEL_MAJOR = 5;

    private static final int KERNEL_MINOR = 10;
    private static final Pattern RELEASE = Pattern.compile("(\\d+)\\.(\\d+).*", Pattern.DOTALL);

    static Machine here() {
        return new Machine(Runtime.version().feature(), System.getProperty("user.name", ""), Path.of("/proc"));
    }

    /** A {@link StartFailure} that names all that is missing, in one line. */
    void check() {
        List<String> missing = new ArrayList<>();
        if (javaVersion < JAVA) {
            missing.add("Java " + JAVA + " is needed, this is " + javaVersion);
        }
        if (!user.equals("root")) {
            missing.add("Longshore must run as root, this is " + user);
        }
        try {
            checkKernel(missing);
        } catch (IOException e) {
            missing.add("cannot read " + proc + ": " + e.getMessage());
        }
        if (!missing.isEmpty()) {
            throw new StartFailure(String.join("; ", missing));
        }
    }

    private void checkKernel(List<String> missing) throws IOException {
        String release = Files.readString(proc.resolve("sys/kernel/osrelease")).strip();
        Matcher version = RELEASE.matcher(release);
        if (!version.matches() || older(Integer.parseInt(version.group(1)), Integer.parseInt(version.group(2)))) {
            missing.add("Linux " + KERNEL_MAJOR + "." + KERNEL_MINOR + " is needed, this is " + release);
        }
        for (String namespace : List.of("mnt", "pid", "uts", "ipc", "net", "cgroup")) {
            if (!Files.exists(proc.resolve("self/ns").resolve(namespace), java.nio.file.LinkOption.NOFOLLOW_LINKS)) {
                missing.add("the kernel has no " + namespace + " namespaces");
            }
        }
        if (Files.readAllLines(proc.resolve("filesystems")).stream().noneMatch(line -> line.endsWith("\toverlay"))) {
            missing.add("the kernel has no overlay file system: try modprobe overlay");
        }
        if (Files.readAllLines(proc.resolve("self/status")).stream().noneMatch(line -> line.startsWith("Seccomp:"))) {
            missing.add("the kernel has no seccomp");
        }
        if (Files.readAllLines(proc.resolve("self/mounts")).stream()
                .noneMatch(line -> line.split(" ").length > 2 && line.split(" ")[2].startsWith("cgroup"))) {
            missing.add("no cgroup hierarchy is mounted");
        }
    }

    private static boolean older(int major, int minor) {
        return major < KERNEL_MAJOR || (major == KERNEL_MAJOR && minor < KERNEL_MINOR);
    }
}
