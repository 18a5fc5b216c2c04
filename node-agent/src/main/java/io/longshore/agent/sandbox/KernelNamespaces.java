package io.longshore.agent.sandbox;

import io.longshore.agent.linux.Errno;
import io.longshore.agent.linux.ErrnoException;
import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.FileSystemStatus;
import io.longshore.agent.linux.MountFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.netlink.NetlinkSocket;
import io.longshore.agent.linux.netlink.NetworkNamespace;
import io.longshore.contracts.agent.ContainerSpec;
import io.longshore.contracts.agent.EndpointSpec;
import io.longshore.contracts.id.ContainerId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The kernel's, each held by an nsfs mount. A few are prepared before anybody asks for them, since making one takes longer than all else
 * that a start on a bridge needs; those are held by descriptors only, so that a crash leaves none.
 */
public final class KernelNamespaces implements Namespaces {
    private static final Logger LOG = LoggerFactory.getLogger(KernelNamespaces.class);

    /** After a failure, which is likely to come again at once. */
    private static final long BACK_OFF_MILLIS = 1_000;

    private final Syscalls syscalls;
    private final SandboxService service;
    private final Path directory;
    private final BlockingQueue<Served> prepared;
    private final AtomicBoolean begun = new AtomicBoolean();
    private final Thread maker;
    private volatile boolean closed;

    /**
     * @param directory for the mounts, on a file system that does not outlive the machine; made if it is missing
     * @param service what is served in each
     * @param pool how many are prepared, at least 1, from the first that is asked for on
     */
    public KernelNamespaces(Syscalls syscalls, Path directory, SandboxService service, int pool) throws IOException {
        this.syscalls = syscalls;
        this.service = service;
        this.directory = directory;
        this.prepared = new ArrayBlockingQueue<>(pool);
        this.maker = Thread.ofPlatform().daemon().name("sandbox-pool").unstarted(this::prepareAhead);
        Files.createDirectories(
                directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    private record Served(NetworkNamespace namespace, SandboxService.Presence presence, Syscalls syscalls)
            implements Opened, SandboxService.Inside {
        @Override
        public void serve(ContainerSpec container, List<EndpointSpec> endpoints) throws IOException {
            presence.serve(container, endpoints, this);
        }

        @Override
        public Fd descriptor() {
            return namespace.descriptor();
        }

        @Override
        public void redirectNames(int udpPort, int tcpPort) throws IOException {
            namespace.inside(() -> {
                try (NetlinkSocket netfilter = NetlinkSocket.netfilter(syscalls)) {
                    netfilter.transaction(NameRedirect.rules(udpPort, tcpPort));
                }
                return namespace;
            });
        }

        @Override
        public void close() {
            presence.close();
            namespace.close();
        }
    }

    @Override
    public Opened take(ContainerId container) throws IOException {
        if (begun.compareAndSet(false, true)) {
            maker.start();
        }
        Served ready = prepared.poll();
        Served served = ready == null ? make() : ready;
        try {
            hold(container, served.namespace());
            return served;
        } catch (IOException e) {
            served.close();
            throw e;
        }
    }

    private Served make() throws IOException {
        NetworkNamespace namespace = NetworkNamespace.create(syscalls, () -> {
            // IPv6 is for endpoints that have an address of it: the others get no fe80:: address either
            // (CVE-2024-32473). Whoever comes tells its neighbours, who may know the address of one that has left.
            set("ipv6/conf/default/disable_ipv6", 1);
            set("ipv6/conf/default/accept_ra", 0);
            set("ipv6/conf/default/ndisc_notify", 1);
            set("ipv4/conf/default/arp_notify", 1);
            return syscalls;
        });
        return served(namespace);
    }

    private Served served(NetworkNamespace namespace) {
        return new Served(namespace, service.prepare(), syscalls);
    }

    private static void set(String name, int value) throws IOException {
        Path file = Path.of("/proc/sys/net", name);
        // A kernel without IPv6 has none of its switches.
        if (Files.exists(file)) {
            Files.writeString(file, Integer.toString(value));
        }
    }

    private void prepareAhead() {
        while (!closed) {
            try {
                Served made = make();
                boolean taken = false;
                while (!taken && !closed) {
                    taken = prepared.offer(made, 1, TimeUnit.HOURS);
                }
                if (!taken) {
                    made.close();
                }
            } catch (IOException | RuntimeException e) {
                if (closed) {
                    return;
                }
                LOG.warn("cannot prepare a network namespace ahead; containers that start make their own", e);
                pause();
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(BACK_OFF_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void hold(ContainerId container, NetworkNamespace namespace) throws IOException {
        Path place = directory.resolve(container.value());
        if (Files.exists(place)) {
            release(container);
        }
        Files.createFile(place);
        syscalls.mount(namespace.descriptor().procPath(), place.toString(), "", MountFlags.MS_BIND, "");
    }

    @Override
    public Opened reopen(ContainerId container, int pid) throws IOException {
        Path place = directory.resolve(container.value());
        boolean mounted =
                Files.exists(place) && syscalls.statfs(place.toString()).type() == FileSystemStatus.NSFS;
        // Another life of the agent may have had a mount namespace of its own; then only the process is left to ask.
        NetworkNamespace namespace =
                NetworkNamespace.open(syscalls, mounted ? place.toString() : "/proc/" + pid + "/ns/net");
        try {
            if (!mounted) {
                hold(container, namespace);
            }
            return served(namespace);
        } catch (IOException | RuntimeException e) {
            namespace.close();
            throw e;
        }
    }

    @Override
    public void release(ContainerId container) throws IOException {
        Path place = directory.resolve(container.value());
        try {
            syscalls.umount2(place.toString(), MountFlags.MNT_DETACH);
        } catch (ErrnoException e) {
            // EINVAL: it is not mounted, as when the agent died in between.
            if (!e.is(Errno.EINVAL) && !e.is(Errno.ENOENT)) {
                throw e;
            }
        }
        try {
            Files.delete(place);
        } catch (NoSuchFileException e) {
            // It had none.
        }
    }

    @Override
    public Set<ContainerId> held() {
        Set<ContainerId> held = new HashSet<>();
        try (Stream<Path> places = Files.list(directory)) {
            places.forEach(place -> held.add(ContainerId.parse(String.valueOf(place.getFileName()))));
        } catch (IOException e) {
            LOG.warn("cannot list the network namespaces in {}", directory, e);
        }
        return held;
    }

    @Override
    public void close() {
        closed = true;
        maker.interrupt();
        for (Served served = prepared.poll(); served != null; served = prepared.poll()) {
            served.close();
        }
    }
}
