package io.longshore.postgres.socket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The socket as the driver uses it, against a server that answers, stands still or goes; on platform and on virtual threads. */
@Timeout(60)
class UnixSocketTest {
    private static final InetSocketAddress IGNORED = new InetSocketAddress(InetAddress.getLoopbackAddress(), 1);

    @TempDir
    Path directory;

    private Path path;
    private ServerSocketChannel server;

    @BeforeEach
    void listen() throws IOException {
        path = directory.resolve("socket");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path), 2);
    }

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    enum On {
        PLATFORM,
        VIRTUAL;

        <T> FutureTask<T> start(Callable<T> work) {
            FutureTask<T> task = new FutureTask<>(work);
            if (this == VIRTUAL) {
                Thread.ofVirtual().start(task);
            } else {
                Thread.ofPlatform().daemon().start(task);
            }
            return task;
        }

        <T> T run(Callable<T> work) throws Exception {
            try {
                return start(work).get(30, TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                throw e.getCause() instanceof Exception cause ? cause : e;
            }
        }
    }

    private Socket connected() throws IOException {
        Socket socket = new UnixSocketFactory(path.toString()).createSocket();
        socket.connect(IGNORED, 5_000);
        return socket;
    }

    @ParameterizedTest
    @EnumSource
    void bytesArriveWholeInBothDirections(On thread) throws Exception {
        byte[] sent = new byte[3_000_000];
        new Random(1).nextBytes(sent);
        try (Socket socket = connected();
                SocketChannel peer = server.accept()) {
            FutureTask<byte[]> echo = On.PLATFORM.start(() -> {
                ByteBuffer all = ByteBuffer.allocate(sent.length);
                while (all.hasRemaining() && peer.read(all) >= 0) {
                    // until all have come
                }
                peer.write(all.flip());
                peer.shutdownOutput();
                return all.array();
            });
            byte[] back = thread.run(() -> {
                socket.getOutputStream().write(sent);
                return socket.getInputStream().readAllBytes();
            });
            assertThat(echo.get()).isEqualTo(sent);
            assertThat(back).isEqualTo(sent);
        }
    }

    @ParameterizedTest
    @EnumSource
    void readEndsAtItsTimeoutAndLosesNothing(On thread) throws Exception {
        try (Socket socket = connected();
                SocketChannel peer = server.accept()) {
            socket.setSoTimeout(150);
            assertThat(socket.getSoTimeout()).isEqualTo(150);
            long began = System.nanoTime();
            assertThatThrownBy(() -> thread.run(() -> socket.getInputStream().read()))
                    .isInstanceOf(SocketTimeoutException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThanOrEqualTo(Duration.ofMillis(150));
            peer.write(ByteBuffer.wrap(new byte[] {7}));
            assertThat(thread.run(() -> socket.getInputStream().read())).isEqualTo(7);
        }
    }

    @ParameterizedTest
    @EnumSource
    void writeToAServerThatTakesNothingEndsAtTheTimeout(On thread) throws Exception {
        try (Socket socket = connected()) {
            socket.setSoTimeout(150);
            assertThatThrownBy(() -> thread.run(() -> {
                        socket.getOutputStream().write(new byte[10_000_000]);
                        return null;
                    }))
                    .isInstanceOf(SocketTimeoutException.class);
        }
    }

    @ParameterizedTest
    @EnumSource
    void connectToAFullQueueEndsAtItsTimeout(On thread) throws Exception {
        List<Socket> waiting = new ArrayList<>();
        try {
            assertThatThrownBy(() -> thread.run(() -> {
                        // The kernel's queue is a little longer than asked for.
                        for (int i = 0; i < 100; i++) {
                            Socket socket = new UnixSocketFactory(path.toString()).createSocket();
                            waiting.add(socket);
                            socket.connect(IGNORED, 200);
                        }
                        return null;
                    }))
                    .isInstanceOf(SocketTimeoutException.class)
                    .hasMessageContaining(path + " accepts no connection within 200 ms");
            FutureTask<Socket> patient = thread.start(this::connected);
            server.accept().close();
            patient.get(5, TimeUnit.SECONDS).close();
        } finally {
            for (Socket socket : waiting) {
                socket.close();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void closeFromAnotherThreadEndsReaderAndWriter(On thread) throws Exception {
        int before = descriptors();
        Socket socket = connected();
        try (SocketChannel peer = server.accept()) {
            FutureTask<Integer> reader =
                    thread.start(() -> socket.getInputStream().read());
            FutureTask<Void> writer = thread.start(() -> {
                socket.getOutputStream().write(new byte[10_000_000]);
                return null;
            });
            TimeUnit.MILLISECONDS.sleep(200);
            assertThat(reader).isNotDone();
            assertThat(writer).isNotDone();
            socket.close();
            for (FutureTask<?> ended : List.of(reader, writer)) {
                assertThatThrownBy(() -> ended.get(5, TimeUnit.SECONDS))
                        .cause()
                        .isInstanceOf(SocketException.class)
                        .hasMessage("Socket closed");
            }
            assertThat(peer.isOpen()).isTrue();
        }
        assertThat(descriptors()).isLessThanOrEqualTo(before);
    }

    @ParameterizedTest
    @EnumSource
    void interruptDoesNotEndAReadAndIsKept(On thread) throws Exception {
        try (Socket socket = connected();
                SocketChannel peer = server.accept()) {
            CountDownLatch began = new CountDownLatch(1);
            FutureTask<Boolean> reader = thread.start(() -> {
                Thread.currentThread().interrupt();
                began.countDown();
                assertThat(socket.getInputStream().read()).isEqualTo(9);
                return Thread.interrupted();
            });
            assertThat(began.await(5, TimeUnit.SECONDS)).isTrue();
            TimeUnit.MILLISECONDS.sleep(100);
            assertThat(reader).isNotDone();
            peer.write(ByteBuffer.wrap(new byte[] {9}));
            assertThat(reader.get(5, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void socketOnWhichNobodyListensIsRefusedAtOnce() throws IOException {
        server.close();
        assertThat(path).exists();
        assertThatThrownBy(this::connected).isInstanceOf(SocketException.class).hasMessageContaining("refused");
    }

    @Test
    void missingSocketIsNamed() {
        assertThatThrownBy(() -> {
                    Socket socket =
                            new UnixSocketFactory(directory.resolve("none").toString()).createSocket();
                    socket.connect(IGNORED, 100);
                })
                .isInstanceOf(SocketException.class)
                .hasMessageContaining(directory.resolve("none").toString());
    }

    @Test
    void optionsOfTcpHaveNoEffect() throws IOException {
        try (Socket socket = connected()) {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setReceiveBufferSize(1 << 20);
            assertThat(socket.isConnected()).isTrue();
            assertThat(socket.getSendBufferSize()).isPositive();
        }
    }

    @ParameterizedTest
    @EnumSource
    void driverGivesUpAServerThatNeverAnswers(On thread) {
        for (String limit : List.of("socketTimeout", "loginTimeout")) {
            Properties properties = new Properties();
            properties.setProperty("user", "nobody");
            properties.setProperty("password", "none");
            properties.setProperty(limit, "1");
            long began = System.nanoTime();
            assertThatThrownBy(() -> thread.run(
                            () -> DriverManager.getConnection(UnixSocketFactory.url(path, "none"), properties)))
                    .as(limit)
                    .isInstanceOf(SQLException.class);
            assertThat(Duration.ofNanos(System.nanoTime() - began))
                    .as(limit)
                    .isBetween(Duration.ofMillis(900), Duration.ofSeconds(20));
        }
    }

    private static int descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return (int) open.count();
        }
    }
}
