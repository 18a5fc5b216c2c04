package io.longshore.platform.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.platform.client.Connections.Again;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.io.entity.EntityUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a server that answers each connection's one request with the same bytes, and closes. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
@SuppressWarnings("NullAway.Init") // it does not know the method that JUnit calls first
class ConnectionsIT {
    @TempDir
    Path directory;

    private final AtomicInteger asked = new AtomicInteger();
    private Path socket;
    private ServerSocketChannel server;
    private Connections connections;

    @BeforeEach
    void start() throws IOException {
        socket = directory.resolve("server.sock");
        server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        connections = new Connections();
    }

    @AfterEach
    void stop() throws IOException {
        connections.close();
        server.close();
    }

    private void answer(String... answers) {
        Thread.ofVirtual().start(() -> {
            try {
                for (String answer : answers) {
                    try (SocketChannel client = server.accept()) {
                        readHead(client);
                        asked.incrementAndGet();
                        client.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
                    }
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void readHead(SocketChannel client) throws IOException {
        BufferedReader head =
                new BufferedReader(new InputStreamReader(Channels.newInputStream(client), StandardCharsets.US_ASCII));
        String line = head.readLine();
        while (line != null && !line.isEmpty()) {
            line = head.readLine();
        }
    }

    private String get() throws IOException {
        return send("GET", Again.IDEMPOTENT);
    }

    private String send(String method, Again again) throws IOException {
        return connections.send(
                new HttpUriRequestBase(method, java.net.URI.create("/x")),
                new Address.Unix(socket),
                new Connections.Limits(Duration.ofSeconds(10), Duration.ofSeconds(10)),
                again,
                answer -> EntityUtils.toString(answer.getEntity()));
    }

    @Test
    void answerThatIsCutIsNotAskedForAgain() {
        String cut = "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf";
        answer(cut, cut);
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        assertThat(asked).hasValue(1);
    }

    @Test
    void keptConnectionThatIsStaleIsReplaced() throws IOException {
        String whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        answer(whole, whole);
        assertThat(get()).isEqualTo("ok");
        assertThat(get()).isEqualTo("ok");
        assertThat(asked).hasValue(2);
    }

    @Test
    void removalIsAskedForAgainWithinLongshoreAlone() throws IOException {
        String whole = "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
        answer("", whole, "", "", whole);
        assertThat(send("DELETE", Again.IDEMPOTENT)).isEqualTo("ok");
        assertThat(asked).hasValue(2);
        assertThatThrownBy(() -> send("DELETE", Again.SAFE)).isInstanceOf(Unanswered.class);
        assertThat(asked).hasValue(3);
        assertThat(send("GET", Again.SAFE)).isEqualTo("ok");
        assertThat(asked).hasValue(5);
    }

    @Test
    void connectionsThatAreOverLeaveNoDescriptor() throws IOException {
        String whole = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
        answer(Collections.nCopies(60, whole).toArray(String[]::new));
        for (int i = 0; i < 10; i++) {
            get();
        }
        long before = descriptors();
        for (int i = 0; i < 50; i++) {
            get();
        }
        assertThat(descriptors() - before).isLessThan(20);
    }

    private static long descriptors() throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            return open.count();
        }
    }

    @Test
    void anInterruptEndsAWait() throws Exception {
        CompletableFuture<Throwable> end = new CompletableFuture<>();
        Thread caller = Thread.ofVirtual().start(() -> {
            try {
                get();
                end.complete(new AssertionError("there was an answer"));
            } catch (IOException | RuntimeException e) {
                end.complete(e);
            }
        });
        try (SocketChannel client = server.accept()) {
            readHead(client);
            caller.interrupt();
            assertThat(end.get(5, TimeUnit.SECONDS)).isInstanceOf(InterruptedIOException.class);
        }
    }

    @Test
    void serverThatClosesWithoutAnAnswerIsAskedTwiceAtMost() {
        answer("", "", "");
        assertThatThrownBy(this::get).isInstanceOf(IOException.class);
        assertThat(asked).hasValue(2);
    }
}
