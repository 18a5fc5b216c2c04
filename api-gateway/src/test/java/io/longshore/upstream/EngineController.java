package io.longshore.upstream;

import io.longshore.contracts.Caller;
import io.longshore.contracts.error.Failure;
import io.longshore.platform.stream.StreamResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/** Some of the Engine's operations, each of another way. */
@RestController
public class EngineController {
    private final CountDownLatch waitCancelled = new CountDownLatch(1);

    public CountDownLatch waitCancelled() {
        return waitCancelled;
    }

    @GetMapping("/containers/json")
    Map<String, String> list(HttpServletRequest request, HttpServletResponse response) {
        Map<String, String> seen = new TreeMap<>();
        for (String name : Collections.list(request.getHeaderNames())) {
            seen.put(name.toLowerCase(java.util.Locale.ROOT), request.getHeader(name));
        }
        seen.put("query", String.valueOf(request.getQueryString()));
        response.setHeader("X-From-Service", "yes");
        response.setHeader("Longshore-Secret", "stays inside");
        return seen;
    }

    @PostMapping(path = "/containers/create", consumes = MediaType.APPLICATION_JSON_VALUE)
    @ResponseStatus(HttpStatus.CREATED)
    Map<String, Object> create(Caller caller, @RequestBody Map<String, Object> body) {
        return body;
    }

    @DeleteMapping("/containers/{id}")
    void remove(@PathVariable String id) {
        throw new Failure.Conflict("cannot remove container \"" + id + "\": it is running");
    }

    @PostMapping("/containers/{id}/start")
    void start(@PathVariable String id) {
        throw new Failure.NotModified("it runs");
    }

    @PostMapping("/containers/{id}/wait")
    void await(HttpServletRequest request, HttpServletResponse response, @PathVariable String id) throws IOException {
        if (id.equals("gone")) {
            throw new Failure.NotFound("No such container: gone");
        }
        StreamResponse.of(request, response).contentType("application/json").output(output -> {
            try {
                output.write(' ');
                while (!id.equals("ended")) {
                    Thread.sleep(50);
                    output.write(' ');
                }
                output.write("{\"StatusCode\":3}".getBytes(StandardCharsets.UTF_8));
            } finally {
                if (!id.equals("ended")) {
                    waitCancelled.countDown();
                }
            }
        });
    }

    @GetMapping("/containers/{id}/logs")
    void logs(HttpServletRequest request, HttpServletResponse response, @RequestParam int tail) throws IOException {
        StreamResponse.of(request, response)
                .contentType("application/vnd.docker.multiplexed-stream")
                .output(output -> {
                    byte[] block = new byte[100_000];
                    for (int i = 0; i < tail; i++) {
                        output.write(block);
                    }
                    if (tail == 13) {
                        throw new IOException("the agent broke");
                    }
                });
    }

    @PostMapping("/containers/{id}/attach")
    void attach(HttpServletRequest request, HttpServletResponse response, @PathVariable String id) throws IOException {
        if (id.equals("gone")) {
            throw new Failure.NotFound("No such container: gone");
        }
        StreamResponse.of(request, response)
                .contentType("application/vnd.docker.raw-stream")
                .duplex(client -> {
                    client.input().transferTo(client.output());
                    client.output().write("after".getBytes(StandardCharsets.UTF_8));
                });
    }

    @PostMapping("/images/load")
    Map<String, Long> load(HttpServletRequest request, @RequestParam(defaultValue = "false") boolean quiet)
            throws IOException {
        if (quiet) {
            throw new Failure.Invalid("refused");
        }
        InputStream in = request.getInputStream();
        return Map.of("bytes", in.transferTo(OutputStream.nullOutputStream()));
    }

    @GetMapping("/images/{*name}")
    Map<String, String> image(@PathVariable String name) {
        return Map.of("path", name);
    }
}
