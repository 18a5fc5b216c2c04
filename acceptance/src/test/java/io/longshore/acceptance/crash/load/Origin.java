package io.longshore.acceptance.crash.load;

import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import io.longshore.testbed.registry.DebianRegistry;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where an image comes from that one life at a time has: a repository of a registry, or an archive. Its lowest layer is in all of them, the
 * next one in some, and the uppermost in it alone.
 */
public abstract class Origin {
    /** Images that share their second layer. */
    private static final int SHARING = 3;

    private static final int LAYER_BYTES = 300_000;
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private final int number = NUMBERS.incrementAndGet();

    private Origin() {}

    /** As a client names it. */
    abstract String reference();

    /** Has an engine bring it; {@link IOException} when the answer says that it did not, or ends early. */
    abstract void bring(UnixHttp http) throws IOException;

    /** Nobody has it any more. */
    void release() {}

    /** What its file {@code /number} says. */
    final String text() {
        return "image " + number;
    }

    final int number() {
        return number;
    }

    final SavedImage image() {
        return new SavedImage(
                List.of(reference()),
                Map.of("Cmd", List.of("sh")),
                List.of(
                        Busybox.layer(),
                        layer("shared", number / SHARING).bytes(),
                        layer("own", -number).file("number", text() + "\n").bytes()));
    }

    /** Bytes that cannot be compressed. */
    private static TarArchive layer(String name, long seed) {
        byte[] bytes = new byte[LAYER_BYTES];
        new Random(seed).nextBytes(bytes);
        return new TarArchive().file(name, 0644, bytes);
    }

    /** From an archive of its own. */
    static Origin loaded() {
        return new Loaded();
    }

    private static final class Loaded extends Origin {
        @Override
        String reference() {
            return "loaded:v" + number();
        }

        @Override
        void bring(UnixHttp http) throws IOException {
            Response answer = http.exchange(Request.postTar("/images/load?quiet=1", image().archive()))
                    .expect(200);
            if (!answer.text().contains("Loaded image: " + reference())) {
                throw new IOException("the load of " + reference() + " answers: " + answer.text());
            }
        }
    }

    /** The images of a registry. Thread-safe. */
    public static final class Offered {
        private final DebianRegistry registry;
        private final Queue<Origin> free = new ConcurrentLinkedQueue<>();

        public Offered(DebianRegistry registry) {
            this.registry = registry;
        }

        /** One that nobody has. */
        Origin next() {
            Origin present = free.poll();
            return present == null ? offered() : present;
        }

        /** The registry's client brings one at a time. */
        private synchronized Origin offered() {
            Pulled origin = new Pulled(registry.host(), free);
            registry.put(origin.image(), "app:" + origin.tag());
            return origin;
        }
    }

    private static final class Pulled extends Origin {
        private final String host;
        private final Queue<Origin> free;

        Pulled(String host, Queue<Origin> free) {
            this.host = host;
            this.free = free;
        }

        String tag() {
            return "v" + number();
        }

        @Override
        String reference() {
            return host + "/app:" + tag();
        }

        @Override
        void bring(UnixHttp http) throws IOException {
            Response answer = http.exchange(Request.post("/images/create?fromImage=" + host + "/app&tag=" + tag()))
                    .expect(200);
            if (answer.text().contains("errorDetail") || !answer.text().contains("Status: ")) {
                throw new IOException("the pull of " + reference() + " answers: " + answer.text());
            }
        }

        @Override
        void release() {
            free.add(this);
        }
    }
}
