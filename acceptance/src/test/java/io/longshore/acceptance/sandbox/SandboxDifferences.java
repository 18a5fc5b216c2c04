package io.longshore.acceptance.sandbox;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.regex.Pattern;

/** What differs from Docker Engine 20.10's sandbox, one by one, and why. An entry that nothing needs any more fails the test. */
final class SandboxDifferences {
    private record Meant(String key, Pattern pattern, String reason) {
        Meant(String key, String reason) {
            this(key, Pattern.compile(key), reason);
        }
    }

    private static final List<Meant> ALL = List.of(
            new Meant("\\w+ (mount|path|write) /proc/interrupts: .*", "hidden, as by newer engines; 20.10 shows it"));

    private static final Set<String> NEEDED = new ConcurrentSkipListSet<>();

    private SandboxDifferences() {}

    static boolean meant(String finding) {
        boolean meant = false;
        for (Meant each : ALL) {
            if (each.pattern.matcher(finding).matches()) {
                NEEDED.add(each.key);
                meant = true;
            }
        }
        return meant;
    }

    /** Entries that no finding has needed. */
    static Set<String> needless() {
        Set<String> needless = new TreeSet<>();
        ALL.stream().map(Meant::key).filter(key -> !NEEDED.contains(key)).forEach(needless::add);
        return needless;
    }
}
