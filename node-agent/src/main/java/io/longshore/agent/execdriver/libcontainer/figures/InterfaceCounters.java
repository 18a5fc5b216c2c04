package io.longshore.agent.execdriver.libcontainer.figures;

import io.longshore.agent.stage.supervisor.ProcessIdentity;
import io.longshore.contracts.agent.Sample.Interface;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads /proc/PID/net/dev (proc_pid_net(5)) of the network that a process is in. */
final class InterfaceCounters {
    /**
     * What no endpoint is called: loopback, and the devices that modules of the kernel put into every network. Docker Engine shows endpoints
     * only, which have names as their networks say.
     */
    private static final Pattern OTHER =
            Pattern.compile("lo|(sit|tunl|gre|gretap|erspan|ip_vti|ip6_vti|ip6tnl|ip6gre|bond|dummy|ifb|teql)[0-9]+");

    private static final int LONGEST = 1 << 18;
    private static final int FIELDS = 16;

    private InterfaceCounters() {}

    /** Of the very process; empty when it is gone. */
    static Map<String, Interface> of(ProcessIdentity process) {
        String text;
        try (InputStream in = Files.newInputStream(Path.of("/proc/" + process.pid() + "/net/dev"))) {
            text = new String(in.readNBytes(LONGEST), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return Map.of();
        }
        // It lives now, so it was it that was read of and not one that got its number later.
        return process.isAlive() ? parse(text) : Map.of();
    }

    static Map<String, Interface> parse(String text) {
        Map<String, Interface> found = new LinkedHashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            String name = colon < 0 ? "" : line.substring(0, colon).strip();
            if (!name.isEmpty() && !OTHER.matcher(name).matches()) {
                String[] fields = line.substring(colon + 1).strip().split("\\s+");
                if (fields.length >= FIELDS) {
                    found.put(name, counters(fields));
                }
            }
        });
        return found;
    }

    private static Interface counters(String[] fields) {
        long[] value = new long[FIELDS];
        for (int i = 0; i < FIELDS; i++) {
            value[i] = Long.parseUnsignedLong(fields[i]);
        }
        return new Interface(value[0], value[1], value[2], value[3], value[8], value[9], value[10], value[11]);
    }
}
