package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Longshore;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.http.Response;
import io.longshore.testbed.http.UnixHttp;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/**
 * One container of a {@link Load}, and what is made for it: what its client asks for, what that was told, and how to check it. A request that
 * is under way when Longshore is killed may have had its effect or not; what was answered has happened. Lived by one thread and checked by
 * another one afterwards.
 */
public abstract class Life {
    /** For what goes on by itself after a crash: the end of a script, a removal, a start by a restart policy. */
    static final Duration SETTLE = Duration.ofSeconds(20);

    /** What a crash left half made is left alone for 30 s in case it is still being made, and then swept. */
    static final Duration SWEEP = Duration.ofSeconds(60);

    /** Whoever brings an image waits for the removal of a layer of it, and for one that an earlier crash cut off a minute and a half. */
    static final Duration PATIENCE = Duration.ofMinutes(2);

    /** The exit code of what SIGKILL has ended. */
    public static final int KILLED = 137;

    private static final Duration PAUSE = Duration.ofMillis(20);
    private static final AtomicInteger NUMBERS = new AtomicInteger();

    private enum Presence {
        NOT_YET,
        /** Its create was asked for. */
        COMING,
        THERE,
        /** Its removal was asked for. */
        GOING,
        GONE,
        /** A removal by force was cut off: it is there, and may have been killed. */
        LEFT
    }

    /** By which it is found when the answer to its create never came. */
    private final String name = "life-" + NUMBERS.incrementAndGet();

    private String id = "";
    private Presence presence = Presence.NOT_YET;

    Life() {}

    /** For messages: what kind it is and what is known of it. */
    abstract String known();

    /** The body of its create request. */
    abstract String body();

    /** All that its client does with it, between its creation and its removal. */
    abstract void live(UnixHttp http, Random random) throws IOException;

    /** What it needs is made before its container. */
    void prepare(UnixHttp http, Random random) throws IOException {}

    /** What was made before it goes after it. */
    void tidy(UnixHttp http) throws IOException {}

    /** Checks what was made for it, whether its container is there or not. */
    void checkAround(Longshore longshore, String what) {}

    /** Removes what is left of that. */
    void clearAround(Engine engine, String what) {}

    /** Checks one that is there. What is found is what is known from then on: nothing may change by itself. */
    abstract void check(Longshore longshore, String what);

    /** A removal by force was cut off, so it may have been killed; false when there is nothing more to check about it. */
    boolean mayHaveBeenKilled() {
        return false;
    }

    final String id() {
        return id;
    }

    /** Of its container; what it needs is named after it. */
    final String name() {
        return name;
    }

    final String path() {
        return "/containers/" + (id.isEmpty() ? name : id);
    }

    final void create(UnixHttp http) throws IOException {
        presence = Presence.COMING;
        id = http.exchange(Request.post("/containers/create?name=" + name, body()))
                .expect(201)
                .json()
                .path("Id")
                .asString();
        presence = Presence.THERE;
    }

    final void remove(UnixHttp http) throws IOException {
        presence = Presence.GOING;
        http.exchange(Request.delete(path() + "?force=1")).expect(204);
        presence = Presence.GONE;
    }

    /** Checks what Longshore says against what is known. */
    final void checkAll(Longshore longshore, String when) {
        String what = when + ", container " + name + " " + id + ", " + known();
        if (presence == Presence.COMING) {
            presence = created(longshore);
        }
        if (presence == Presence.GOING) {
            presence = removed(longshore, what);
        }
        boolean gone = presence == Presence.GONE || presence == Presence.NOT_YET;
        int status = longshore.call(Request.get(path() + "/json")).status();
        assertThat(status).as(what).isEqualTo(gone ? 404 : 200);
        if (presence == Presence.THERE) {
            check(longshore, what);
        }
        checkAround(longshore, what);
    }

    /** One that nobody was told of is there from the beginning or never. */
    private Presence created(Engine engine) {
        Response inspected = engine.call(Request.get(path() + "/json"));
        if (inspected.status() != 200) {
            return Presence.GONE;
        }
        id = inspected.json().path("Id").asString();
        return Presence.THERE;
    }

    /** Either it has begun, and then it goes on to its end, or the request has not arrived. */
    private Presence removed(Engine engine, String what) {
        Response inspected = await(engine, answer -> !status(answer).equals("removing"));
        assertThat(inspected.status()).as("%s: %s", what, inspected.text()).isIn(200, 404);
        if (inspected.status() == 404) {
            return Presence.GONE;
        }
        return mayHaveBeenKilled() ? Presence.THERE : Presence.LEFT;
    }

    /** Removes what is left of it. */
    final void clear(Engine engine, String when) {
        assertThat(engine.call(Request.delete(path() + "?force=1")).status())
                .as("%s, removal of container %s", when, id)
                .isIn(204, 404);
        presence = Presence.GONE;
        clearAround(engine, when + ", container " + name);
    }

    // ---- for those who live and check

    final void start(UnixHttp http) throws IOException {
        http.exchange(Request.post(path() + "/start")).expect(204);
    }

    final void stop(UnixHttp http) throws IOException {
        http.exchange(Request.post(path() + "/stop?t=0")).expect(204);
    }

    final void stop(Engine engine) {
        assertThat(engine.call(Request.post(path() + "/stop?t=0")).status())
                .as("stop of %s", name)
                .isEqualTo(204);
    }

    /** Of each second one: others that were started before the crash go on. */
    final boolean endsAfterTheCrash() {
        return name.hashCode() % 2 == 0;
    }

    final JsonNode inspect(UnixHttp http) throws IOException {
        return http.exchange(Request.get(path() + "/json")).expect(200).json();
    }

    final JsonNode inspect(Engine engine) {
        Response inspected = engine.call(Request.get(path() + "/json"));
        assertThat(inspected.status()).as(inspected.text()).isEqualTo(200);
        return inspected.json();
    }

    /** The first answer to inspect that is as wanted, or the last one within the time to settle. */
    final Response await(Engine engine, Predicate<Response> wanted) {
        long end = System.nanoTime() + SETTLE.toNanos();
        Response inspected = engine.call(Request.get(path() + "/json"));
        while (!wanted.test(inspected) && System.nanoTime() < end) {
            LockSupport.parkNanos(PAUSE.toNanos());
            inspected = engine.call(Request.get(path() + "/json"));
        }
        return inspected;
    }

    /** The same for a client of a load; what does not come in time is a failure of its request. */
    final void await(UnixHttp http, Predicate<JsonNode> wanted) throws IOException {
        long end = System.nanoTime() + SETTLE.toNanos();
        JsonNode inspected = inspect(http);
        while (!wanted.test(inspected)) {
            if (System.nanoTime() > end) {
                throw new IOException(known() + " is not as awaited after " + SETTLE + ": " + inspected.path("State"));
            }
            LockSupport.parkNanos(PAUSE.toNanos());
            inspected = inspect(http);
        }
    }

    /**
     * Removes something that the container used. What a crash left half made of a container keeps it in use until it is swept.
     *
     * @param removed status of the removal
     */
    static void clear(Engine engine, String path, int removed, String what) {
        long end = System.nanoTime() + SWEEP.toNanos();
        Response answer = engine.call(Request.delete(path));
        while ((answer.status() == 409 || answer.status() == 403) && System.nanoTime() < end) {
            LockSupport.parkNanos(10 * PAUSE.toNanos());
            answer = engine.call(Request.delete(path));
        }
        assertThat(answer.status())
                .as("%s, removal of %s: %s", what, path, answer.text())
                .isIn(removed, 404);
    }

    static String status(Response inspected) {
        return inspected.status() == 200 ? status(inspected.json()) : "";
    }

    /** {@code State.Status} of an answer to inspect. */
    public static String status(JsonNode inspected) {
        return inspected.path("State").path("Status").asString();
    }

    /** A create request for busybox without a network; {@code config} and {@code host} are further JSON members, with a comma each. */
    public static String body(String config, String host, String... command) {
        return body("busybox", config, host + "\"NetworkMode\":\"none\"", command);
    }

    /** The same of any image, and on the default bridge unless {@code host}, which ends without a comma, says otherwise. */
    static String body(String image, String config, String host, String[] command) {
        String words = Stream.of(command)
                .map(word -> "\"" + word.replace("\"", "\\\"") + "\"")
                .collect(Collectors.joining(","));
        return "{\"Image\":\"" + image + "\",\"Cmd\":[" + words + "]," + config + "\"HostConfig\":{" + host + "}}";
    }

    /** Creates a container that nobody remembers anything of. */
    public static String create(Engine engine, String... command) {
        Response created = engine.call(Request.post("/containers/create", body("", "", command)));
        assertThat(created.status()).as(created.text()).isEqualTo(201);
        return created.json().path("Id").asString();
    }

    /** The log of standard output without its frames. */
    public static List<String> logLines(Engine engine, String id) {
        return unframed(engine.call(Request.get("/containers/" + id + "/logs?stdout=1"))
                        .body())
                .lines()
                .toList();
    }

    final List<String> logLines(UnixHttp http) throws IOException {
        return unframed(http.exchange(Request.get(path() + "/logs?stdout=1"))
                        .expect(200)
                        .body())
                .lines()
                .toList();
    }

    private static String unframed(byte[] stream) {
        ByteBuffer frames = ByteBuffer.wrap(stream);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        while (frames.remaining() >= 8) {
            frames.getInt();
            byte[] payload = new byte[Math.min(frames.getInt(), frames.remaining())];
            frames.get(payload);
            text.writeBytes(payload);
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /** Makes an exec session for this command line of the shell. */
    final String session(UnixHttp http, String line) throws IOException {
        String request = "{\"AttachStdout\":true,\"Cmd\":[\"sh\",\"-c\",\"" + line + "\"]}";
        return http.exchange(Request.post(path() + "/exec", request))
                .expect(201)
                .json()
                .path("Id")
                .asString();
    }

    /** Starts a session and reads its output to the end; the connection is of no use afterwards. */
    public static String output(UnixHttp http, String session) throws IOException {
        Response.Head head = http.open(Request.post("/exec/" + session + "/start", "{\"Detach\":false}")
                .with("Connection: Upgrade")
                .with("Upgrade: tcp"));
        if (head.status() != 101) {
            throw new EOFException("exec session " + session + " does not start: " + head.statusLine());
        }
        return unframed(http.raw().readAllBytes());
    }
}
