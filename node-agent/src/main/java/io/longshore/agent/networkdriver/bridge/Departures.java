package io.longshore.agent.networkdriver.bridge;

import io.longshore.agent.linux.netlink.Link;
import io.longshore.agent.linux.netlink.Links;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that the interfaces of those who left are gone. They go with their namespaces, many at once, in some tens of milliseconds, in
 * which nobody need wait for them; what is there after a second, because something keeps the namespace, is deleted.
 */
final class Departures implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);
    private static final Duration PATIENCE = Duration.ofSeconds(1);
    /** After this the kernel does not let go of it (unregister_netdevice: waiting for ...). */
    private static final Duration HOPELESS = Duration.ofSeconds(30);

    private final NetlinkSocket route;
    private final Devices devices;
    private final Map<String, Instant> leaving = new ConcurrentHashMap<>();
    private final Thread thread;

    Departures(NetlinkSocket route, Devices devices) {
        this.route = route;
        this.devices = devices;
        this.thread = Thread.ofPlatform().daemon().name("network-departures").start(this::watch);
    }

    /** An interface's endpoint has left. */
    void expect(String name) {
        leaving.put(name, Instant.now());
        synchronized (leaving) {
            leaving.notifyAll();
        }
    }

    private void watch() {
        try {
            while (true) {
                synchronized (leaving) {
                    while (leaving.isEmpty()) {
                        leaving.wait();
                    }
                }
                Thread.sleep(PATIENCE);
                look();
            }
        } catch (InterruptedException e) {
            // The agent ends; its next life sweeps.
        }
    }

    private void look() {
        try {
            Set<String> there = Links.list(route).stream().map(Link::name).collect(Collectors.toSet());
            Instant now = Instant.now();
            for (Map.Entry<String, Instant> each : Map.copyOf(leaving).entrySet()) {
                String name = each.getKey();
                if (!there.contains(name)) {
                    leaving.remove(name);
                } else if (each.getValue().isBefore(now.minus(HOPELESS))) {
                    leaving.remove(name);
                    LOG.error("the kernel does not let go of network interface {}; the node may need a restart", name);
                } else if (each.getValue().isBefore(now.minus(PATIENCE))) {
                    devices.delete(name);
                }
            }
        } catch (IOException e) {
            LOG.warn("cannot see whether the interfaces of containers that left are gone; tried again in a second", e);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
    }
}
