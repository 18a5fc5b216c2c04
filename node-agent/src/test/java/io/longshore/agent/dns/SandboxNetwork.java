package io.longshore.agent.dns;

import io.longshore.agent.linux.Fd;
import io.longshore.agent.linux.OpenFlags;
import io.longshore.agent.linux.ProcessFlags;
import io.longshore.agent.linux.Syscalls;
import io.longshore.agent.linux.jna.JnaSyscalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;

/** A network namespace of its own, with loopback up, that lives as long as a process sleeps in it. */
final class SandboxNetwork implements AutoCloseable {
    static final Syscalls KERNEL = new JnaSyscalls();

    private final Process holder;
    private final Fd namespace;

    private SandboxNetwork(Process holder, Fd namespace) {
        this.holder = holder;
        this.namespace = namespace;
    }

    static SandboxNetwork open() {
        try {
            Process holder = new ProcessBuilder(
                            "unshare", "--net", "sh", "-c", "ip link set lo up && echo up && exec sleep 900")
                    .redirectErrorStream(true)
                    .start();
            byte[] said = holder.getInputStream().readNBytes(3);
            if (!new String(said, StandardCharsets.US_ASCII).equals("up\n")) {
                throw new IOException("no network namespace: " + new String(said, StandardCharsets.US_ASCII));
            }
            String path = "/proc/" + holder.pid() + "/ns/net";
            return new SandboxNetwork(holder, KERNEL.open(path, OpenFlags.O_RDONLY, 0));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Fd namespace() {
        return namespace;
    }

    /** Opens something inside. */
    <T> T inside(Namespaces.Work<T> work) {
        CompletableFuture<T> made = new CompletableFuture<>();
        Thread.ofPlatform().start(() -> {
            try {
                KERNEL.setns(namespace, ProcessFlags.CLONE_NEWNET);
                made.complete(work.run());
            } catch (IOException | RuntimeException e) {
                made.completeExceptionally(e);
            }
        });
        try {
            return made.orTimeout(10, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            throw new AssertionError(e.getCause());
        }
    }

    /** What a command prints that runs inside. */
    String run(String... command) {
        return runWith("", command);
    }

    private String runWith(String input, String... command) {
        List<String> all = new ArrayList<>(List.of("nsenter", "--net=/proc/" + holder.pid() + "/ns/net"));
        all.addAll(List.of(command));
        try {
            Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
            try (var in = process.getOutputStream()) {
                in.write(input.getBytes(StandardCharsets.UTF_8));
            }
            return new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** As the network driver does: port 53 of 127.0.0.11 is the server. */
    void redirect(DnsPorts ports) {
        String rules = """
                table ip embedded_dns {
                  chain output {
                    type nat hook output priority -100
                    ip daddr 127.0.0.11 udp dport 53 dnat to 127.0.0.11:%d
                    ip daddr 127.0.0.11 tcp dport 53 dnat to 127.0.0.11:%d
                  }
                }
                """.formatted(ports.udp(), ports.tcp());
        String refused = runWith(rules, "nft", "-f", "-");
        if (!refused.isEmpty()) {
            throw new AssertionError(refused);
        }
    }

    /** What dig prints of the answer, with these arguments. */
    String dig(String... arguments) {
        List<String> all = new ArrayList<>(List.of("dig", "@127.0.0.11", "+tries=1", "+time=6"));
        all.addAll(List.of(arguments));
        return run(all.toArray(String[]::new));
    }

    /** The data of the answers alone, each in a line. */
    List<String> lookUp(String... arguments) {
        List<String> all = new ArrayList<>(List.of("+short"));
        all.addAll(List.of(arguments));
        return dig(all.toArray(String[]::new)).lines().sorted().toList();
    }

    @Override
    public void close() {
        namespace.close();
        holder.destroyForcibly();
        try {
            holder.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
