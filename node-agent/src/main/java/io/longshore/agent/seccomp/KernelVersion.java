package io.longshore.agent.seccomp;

import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first two numbers of a kernel release, as in uname(2): {@code 6.1.0-37-amd64} is 6.1. */
public record KernelVersion(int major, int minor) implements Comparable<KernelVersion> {
    private static final Pattern FORM = Pattern.compile("(\\d{1,6})\\.(\\d{1,6}).*", Pattern.DOTALL);

    /** Reads a release; {@link IllegalArgumentException} if it does not begin with two numbers. */
    public static KernelVersion parse(String release) {
        Matcher matcher = FORM.matcher(release);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("kernel release \"" + release + "\" does not begin with two numbers");
        }
        return new KernelVersion(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    }

    /** The version of this machine's kernel. */
    public static KernelVersion running() {
        return parse(System.getProperty("os.version"));
    }

    @Override
    public int compareTo(KernelVersion other) {
        return Comparator.comparingInt(KernelVersion::major)
                .thenComparingInt(KernelVersion::minor)
                .compare(this, other);
    }
}
