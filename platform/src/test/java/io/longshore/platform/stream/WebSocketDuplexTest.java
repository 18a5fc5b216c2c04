package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.stream.Duplex;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The end of a web socket, by either side. The messages of its life: acceptance, AttachRootIT. */
@Timeout(20)
class WebSocketDuplexTest {
    private static final byte[] GOODBYE = {(byte) 0x88, 2, 3, (byte) 0xe8};
    /** Masked by zeros. */
    private static final byte[] CLIENTS_GOODBYE = {(byte) 0x88, (byte) 0x82, 0, 0, 0, 0, 3, (byte) 0xe8};

    @TempDir
    Path directory;

    private Wire client;
    private WebSocketDuplex server;

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(address);
            client = new Wire(SocketChannel.open(address), ByteBuffer.allocate(0));
            server = new WebSocketDuplex(new Wire(listening.accept(), ByteBuffer.allocate(0)));
        }
    }

    @AfterEach
    void close() {
        client.close();
        server.close();
    }

    /** A process that says nothing until its stream is reset. */
    private static final class Silent implements Duplex {
        private final CountDownLatch reset = new CountDownLatch(1);

        @Override
        public InputStream input() {
            return new InputStream() {
                @Override
                public int read(byte[] into, int offset, int length) throws IOException {
                    return read();
                }

                @Override
                public int read() throws IOException {
                    try {
                        reset.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                    throw new IOException("reset");
                }
            };
        }

        @Override
        public OutputStream output() {
            return OutputStream.nullOutputStream();
        }

        @Override
        public void shutdownOutput() {
            // It goes on.
        }

        @Override
        public void reset() {
            reset.countDown();
        }

        @Override
        public void close() {
            reset();
        }
    }

    private Thread relay(Duplex far) {
        return Thread.ofVirtual().start(() -> {
            try {
                Relay.join(server, far);
            } catch (IOException e) {
                // The client has gone.
            }
        });
    }

    @Test
    void aClientsGoodbyeIsAnsweredAndEndsTheFarSide() throws Exception {
        Silent far = new Silent();
        Thread relay = relay(far);
        client.write(ByteBuffer.wrap(CLIENTS_GOODBYE));
        assertThat(far.reset.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(client.rawInput().readNBytes(GOODBYE.length)).isEqualTo(GOODBYE);
        assertThat(client.rawInput().read()).isNegative();
        client.close();
        relay.join();
    }

    @Test
    void aClientThatIsGoneEndsTheFarSide() throws Exception {
        Silent far = new Silent();
        Thread relay = relay(far);
        client.close();
        assertThat(far.reset.await(10, TimeUnit.SECONDS)).isTrue();
        relay.join();
    }

    @Test
    void aGoodbyeThatAnswersOursIsTheEnd() throws IOException {
        server.shutdownOutput();
        assertThat(client.rawInput().readNBytes(GOODBYE.length)).isEqualTo(GOODBYE);
        client.write(ByteBuffer.wrap(CLIENTS_GOODBYE));
        assertThat(server.input().read()).isNegative();
    }

    @Test
    void nothingIsReadAfterAGoodbye() throws IOException {
        client.write(ByteBuffer.wrap(CLIENTS_GOODBYE));
        assertThatThrownBy(() -> server.input().read()).isInstanceOf(EOFException.class);
    }
}
