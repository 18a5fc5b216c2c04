package io.longshore.platform.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChunkedInputTest {
    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path directory;

    @SuppressWarnings("NullAway.Init")
    private SocketChannel peer;

    @SuppressWarnings("NullAway.Init")
    private Wire wire;

    private final byte[] target = new byte[1 << 20];

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("s"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            peer = SocketChannel.open(address);
            wire = new Wire(server.accept(), ByteBuffer.allocate(0));
        }
    }

    @AfterEach
    void close() throws IOException {
        peer.close();
        wire.close();
    }

    private void send(String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            peer.write(bytes);
        }
    }

    private String read(ChunkedInput in) throws IOException {
        int count = in.read(target, 0, target.length);
        return count < 0 ? "end" : new String(target, 0, count, StandardCharsets.ISO_8859_1);
    }

    @Test
    void oneReadGivesAllChunksThatAreThere() throws IOException {
        ChunkedInput in = new ChunkedInput(wire);
        send("3\r\nabc\r\n2\r\nde\r\n");
        assertThat(read(in)).isEqualTo("abcde");
        send("1\r\nf\r\n0\r\n\r\nafter");
        assertThat(read(in)).isEqualTo("f");
        assertThat(read(in)).isEqualTo("end");
        assertThat(wire.read(target, 0, 5)).isEqualTo(5);
        assertThat(new String(target, 0, 5, StandardCharsets.ISO_8859_1)).isEqualTo("after");
    }

    @Test
    void whatIsThereIsNotHeldBackForTheRestOfAHead() throws IOException {
        ChunkedInput in = new ChunkedInput(wire);
        for (String begun : new String[] {"", "\r", "\r\n", "\r\n2", "\r\n2\r"}) {
            send("3\r\nabc" + begun);
            assertThat(read(in)).isEqualTo("abc");
            send("\r\n2\r\n".substring(begun.length()) + "de\r\n");
            assertThat(read(in)).isEqualTo("de");
        }
    }

    @Test
    void aStreamOfChunksOfAllSizesIsWhole() throws Exception {
        byte[] content = new byte[3 << 20];
        Random random = new Random(1);
        random.nextBytes(content);
        Thread sender = Thread.ofPlatform().start(() -> {
            try (ChunkedOutput out = new ChunkedOutput(new Wire(peer, ByteBuffer.allocate(0)))) {
                for (int at = 0; at < content.length; ) {
                    int size = Math.min(content.length - at, 1 + random.nextInt(random.nextBoolean() ? 20 : 70_000));
                    out.write(content, at, size);
                    at += size;
                }
                out.end();
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Relay.copy(new ChunkedInput(wire), all);
        sender.join();
        assertThat(all.toByteArray()).isEqualTo(content);
    }

    @Test
    void aCutIsNoEnd() throws IOException {
        ChunkedInput in = new ChunkedInput(wire);
        send("3\r\nabc\r\n4\r\nde");
        peer.shutdownOutput();
        assertThat(read(in)).isEqualTo("abcde");
        assertThatThrownBy(() -> read(in)).isInstanceOf(EOFException.class);
    }
}
