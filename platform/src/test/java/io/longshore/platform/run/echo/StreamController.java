package io.longshore.platform.run.echo;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.stream.Duplex;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Streams for tests: their server side is handed to the test. */
@RestController
public class StreamController {
    /** A stream both ways that waits for a test; it ends when the test says so. */
    public record Held(Duplex duplex, CountDownLatch done) {}

    private final BlockingQueue<Held> held = new LinkedBlockingQueue<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);

    public BlockingQueue<Held> held() {
        return held;
    }

    /** Counted down when the client of {@code /wait} went away. */
    public CountDownLatch cancelled() {
        return cancelled;
    }

    @PostMapping("/duplex")
    void duplex(HttpServletRequest request, HttpServletResponse response) throws IOException {
        StreamResponse.of(request, response)
                .contentType("application/vnd.docker.raw-stream")
                .duplex(duplex -> {
                    Held mine = new Held(duplex, new CountDownLatch(1));
                    held.add(mine);
                    mine.done().await();
                });
    }

    @PostMapping("/duplex-json")
    void duplexAfterBody(
            @RequestBody Map<String, String> body, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        StreamResponse.of(request, response).duplex(duplex -> {
            duplex.output().write(("got " + body.get("Cmd") + "\n").getBytes(java.nio.charset.StandardCharsets.UTF_8));
            duplex.input().transferTo(duplex.output());
        });
    }

    @GetMapping("/count")
    void count(@RequestParam long bytes, HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (bytes < 0) {
            throw new Failure.Invalid("bytes: " + bytes + " is negative");
        }
        StreamResponse.of(request, response).contentType("text/plain").output(output -> {
            byte[] block = new byte[64 * 1024];
            for (long left = bytes; left > 0; left -= block.length) {
                output.write(block, 0, (int) Math.min(left, block.length));
            }
        });
    }

    @GetMapping("/cut")
    void cut(HttpServletRequest request, HttpServletResponse response) throws IOException {
        StreamResponse.of(request, response).output(output -> {
            output.write("some".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            throw new Failure.Internal("the source broke");
        });
    }

    @PostMapping("/wait")
    void waitForever(HttpServletRequest request, HttpServletResponse response) throws IOException {
        StreamResponse.of(request, response).contentType("application/json").output(output -> {
            try {
                output.write('{');
                new CountDownLatch(1).await();
            } finally {
                cancelled.countDown();
            }
        });
    }

    @PostMapping("/upload")
    Map<String, Long> upload(
            HttpServletRequest request, @RequestParam(required = false, defaultValue = "-1") long refuseAfter)
            throws IOException {
        long count = 0;
        byte[] buffer = new byte[64 * 1024];
        InputStream body = request.getInputStream();
        for (int read = body.read(buffer); read >= 0; read = body.read(buffer)) {
            count += read;
            if (refuseAfter >= 0 && count > refuseAfter) {
                throw new Failure.Invalid("refused after " + refuseAfter);
            }
        }
        return Map.of("bytes", count);
    }
}
