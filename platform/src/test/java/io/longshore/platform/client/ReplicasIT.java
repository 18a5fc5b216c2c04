package io.longshore.platform.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.ByteStream;
import io.longshore.platform.identity.MutualTls;
import io.longshore.platform.stream.StreamClient;
import io.longshore.platform.stream.StreamRequest;
import io.longshore.platform.telemetry.Trace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.annotation.PostExchange;

/** Two replicas that are killed and come back. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // it does not know the method that JUnit calls first
class ReplicasIT {
    private static final int CALLERS = 8;

    @TempDir
    Path directory;

    private KillableServer a;
    private KillableServer b;
    private Connections connections;
    private Names names;

    private interface Names {
        @GetExchange("/name")
        String name(Caller caller);

        @PostExchange("/name")
        String once(Caller caller, @RequestBody String id);
    }

    @BeforeEach
    void start() throws IOException {
        a = new KillableServer(directory.resolve("a.sock"), "a");
        b = new KillableServer(directory.resolve("b.sock"), "b");
        connections = new Connections();
        names = client(Replicas.of(List.of(a.address(), b.address())));
    }

    @AfterEach
    void stop() throws IOException {
        connections.close();
        a.close();
        b.close();
    }

    private Names client(Replicas replicas) {
        return new Parts(connections).client(Names.class, "naming-service", replicas);
    }

    private static Caller caller() {
        return new Caller("tester", "default", Instant.now().plusSeconds(10), Trace.newId());
    }

    private KillableServer named(String name) {
        return name.equals("a") ? a : b;
    }

    /** Kills who is asked in the middle of calls; gives those that failed. */
    private Queue<Failure> killInTheMiddle(Consumer<Integer> call) throws Exception {
        KillableServer preferred = named(names.name(caller()));
        Queue<Failure> failures = new ConcurrentLinkedQueue<>();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger number = new AtomicInteger();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < CALLERS; i++) {
                threads.execute(() -> {
                    while (!over.get()) {
                        try {
                            call.accept(number.incrementAndGet());
                        } catch (Failure e) {
                            failures.add(e);
                        }
                    }
                });
            }
            Thread.sleep(300);
            preferred.kill();
            Thread.sleep(300);
            over.set(true);
        }
        assertThat(a.bodies()).hasSizeGreaterThan(CALLERS);
        assertThat(b.bodies()).hasSizeGreaterThan(CALLERS);
        return failures;
    }

    @Test
    void whatMayBeAskedAgainDoesNotFailWhenOneIsKilled() throws Exception {
        assertThat(killInTheMiddle(number -> names.name(caller()))).isEmpty();
    }

    @Test
    void ofWhatMayNotOnlyThoseUnderWayFailAndNoneIsDoneTwice() throws Exception {
        Queue<Failure> failures = killInTheMiddle(number -> names.once(caller(), "id" + number));
        assertThat(failures)
                .hasSizeLessThanOrEqualTo(CALLERS)
                .allSatisfy(failure -> assertThat(failure)
                        .isInstanceOf(Failure.Unavailable.class)
                        .hasMessageContaining("naming-service at "));
        List<String> sent = Stream.concat(a.bodies().stream(), b.bodies().stream())
                .filter(body -> !body.isEmpty())
                .toList();
        assertThat(sent).doesNotHaveDuplicates();
    }

    @Test
    void allAwayIsUnavailableWithTheirAddressesAndEndsWhenOneIsBack() throws IOException {
        names.name(caller());
        a.kill();
        b.kill();
        for (int call = 0; call < 3; call++) {
            assertThatThrownBy(() -> names.once(caller(), "x"))
                    .isInstanceOf(Failure.Unavailable.class)
                    .hasMessageContaining("naming-service at " + a.address() + " and " + b.address())
                    .hasMessageContaining("does not answer POST /name");
        }
        b.startAgain();
        assertThat(names.once(caller(), "y")).isEqualTo("b");
    }

    @Test
    void aStreamIsOpenedToOneThatIsReached() throws IOException {
        named(names.name(caller())).kill();
        StreamClient streams =
                new StreamClient("naming-service", Replicas.of(List.of(a.address(), b.address())), MutualTls.none());
        for (int call = 0; call < 3; call++) {
            try (ByteStream stream = streams.download(caller(), StreamRequest.get("/name"))) {
                assertThat(new String(stream.input().readAllBytes(), StandardCharsets.UTF_8))
                        .matches("\"[ab]\"");
            }
        }
        a.kill();
        b.kill();
        assertThatThrownBy(() -> streams.download(caller(), StreamRequest.get("/name")))
                .isInstanceOf(Failure.Unavailable.class)
                .hasMessageContaining("naming-service at " + a.address() + " and " + b.address());
    }

    @Test
    void aMachineThatSaysNothingIsPassedOver() throws IOException {
        // What is in no queue of the kernel is dropped, as if the machine were off.
        try (ServerSocket full = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            List<Socket> waiting = fill(full);
            Address off = new Address.Tcp("127.0.0.1", full.getLocalPort());
            Names some = client(Replicas.of(List.of(off, a.address())));
            Instant begun = Instant.now();
            for (int call = 0; call < 20; call++) {
                assertThat(some.name(caller())).isEqualTo("a");
            }
            assertThat(Duration.between(begun, Instant.now())).isLessThan(Duration.ofSeconds(4));
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    private static List<Socket> fill(ServerSocket full) throws IOException {
        List<Socket> waiting = new ArrayList<>();
        while (waiting.size() < 16) {
            Socket socket = new Socket();
            waiting.add(socket);
            try {
                socket.connect(full.getLocalSocketAddress(), 200);
            } catch (SocketTimeoutException e) {
                return waiting;
            }
        }
        throw new AssertionError("the queue takes any number");
    }
}
