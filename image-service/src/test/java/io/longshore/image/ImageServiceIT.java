package io.longshore.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.agent.LayerRef;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.event.Event;
import io.longshore.contracts.event.EventsApi;
import io.longshore.contracts.id.ContainerId;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.oci.LayerChain;
import io.longshore.oci.fixture.TestImage;
import io.longshore.oci.fixture.TestLayer;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Images over HTTP, with PostgreSQL and an agent behind. Each case has a project of its own. */
class ImageServiceIT {
    @TempDir
    static Path directory;

    private static ImageWorld world;
    private static ImageApi claims;
    private static EventsApi events;

    private final String project = UUID.randomUUID().toString();
    private Engine engine;

    @BeforeAll
    static void start() throws InterruptedException {
        world = ImageWorld.start(directory);
        claims = world.claims();
        events = world.events();
    }

    @AfterAll
    static void stop() throws IOException {
        world.close();
    }

    @BeforeEach
    void connect() {
        engine = world.engine(project);
    }

    /** An image that no other case has: its layers are this project's alone. */
    private TestImage unique(String... names) {
        TestImage image = new TestImage()
                .layer(new TestLayer().file("project", project))
                .layer(new TestLayer().file("second", project + project))
                .config("Cmd", List.of("sh"))
                .config("Labels", Map.of("project", project, "tier", "one"));
        for (String name : names) {
            image.named(name);
        }
        return image;
    }

    private TestImage load(String... names) {
        TestImage image = unique(names);
        engine.post("/images/load", image.archive()).is(200);
        return image;
    }

    private List<LayerRef> held(TestImage image) {
        return world.held(engine, image);
    }

    private List<String> tags() {
        List<String> tags = new ArrayList<>();
        engine.get("/images/json")
                .is(200)
                .json()
                .forEach(image -> image.path("RepoTags").forEach(tag -> tags.add(tag.asString())));
        return tags;
    }

    private static String shortForm(Digest id) {
        return id.hex().substring(0, 12);
    }

    @Test
    void loadTellsEveryName() {
        TestImage image = unique("app:1", "example.test:5000/team/app");
        assertThat(engine.post("/images/load?quiet=1", image.archive()).is(200).lines())
                .extracting(line -> line.path("stream").asString())
                .containsExactly("Loaded image: app:1\n", "Loaded image: example.test:5000/team/app:latest\n");
        TestImage nameless = new TestImage().layer(new TestLayer().file("nameless", project));
        assertThat(engine.post("/images/load", nameless.legacyArchive()).is(200).lines())
                .extracting(line -> line.path("stream").asString())
                .containsExactly("Loaded image ID: " + nameless.id() + "\n");
        assertThat(claims.count(engine.caller())).isEqualTo(2);
        assertThat(held(image)).hasSize(2);
    }

    @Test
    void loadMovesANameAndSaysSo() {
        TestImage first = load("app");
        TestImage second = unique("app").config("User", "other");
        assertThat(engine.post("/images/load", second.archive()).is(200).lines())
                .singleElement()
                .satisfies(line -> assertThat(line.path("stream").asString())
                        .isEqualTo("The image app:latest already exists, renaming the old one with ID " + first.id()
                                + " to empty string\nLoaded image: app:latest\n"));
        assertThat(engine.get("/images/" + first.id() + "/json").json().path("RepoTags"))
                .isEmpty();
        assertThat(engine.get("/images/app/json").json().path("Id").asString())
                .isEqualTo(second.id().value());
    }

    @Test
    void loadFailsInTheStreamAndLeavesNothing() {
        TestImage hostile = unique("app").layer(new TestLayer().file("../escape", "x"));
        Engine.Reply reply = engine.post("/images/load", hostile.archive()).is(200);
        assertThat(reply.lines()).singleElement().satisfies(line -> {
            assertThat(line.path("errorDetail").path("message").asString()).contains("../escape");
            assertThat(line.path("error").asString()).contains("../escape");
        });
        TestImage badName = unique("Upper/CASE:1");
        assertThat(engine.post("/images/load", badName.archive()).is(200).body())
                .contains("must be lowercase");
        TestImage digested = unique("busybox@" + hostile.id());
        assertThat(engine.post("/images/load", digested.archive()).is(200).body())
                .contains("invalid tag \\\"busybox@" + hostile.id());
        assertThat(engine.post("/images/load", new byte[0]).is(200).body()).contains("errorDetail");
        assertThat(tags()).isEmpty();
        assertThat(held(hostile)).isEmpty();
        assertThat(held(badName)).isEmpty();
        assertThat(world.database()
                        .jdbc()
                        .sql("select count(*) from layer where project = ?")
                        .param(project)
                        .query(Long.class)
                        .single())
                .isZero();
    }

    @Test
    void inspectIsWhole() {
        TestImage image = load("app:1");
        JsonNode read = engine.get("/images/app:1/json").is(200).json();
        assertThat(read.path("Id").asString()).isEqualTo(image.id().value());
        assertThat(read.path("RepoTags").toString()).isEqualTo("[\"app:1\"]");
        assertThat(read.path("RepoDigests").toString()).isEqualTo("[]");
        assertThat(read.path("Created").asString()).isEqualTo("2024-03-01T10:00:00.123456789Z");
        assertThat(read.path("Author").asString()).isEqualTo("Longshore's tests");
        assertThat(read.path("Architecture").asString()).isEqualTo("amd64");
        assertThat(read.path("Os").asString()).isEqualTo("linux");
        assertThat(read.path("Size").asLong()).isEqualTo(36 + 72);
        assertThat(read.path("GraphDriver").path("Name").asString()).isEqualTo("simulated");
        assertThat(read.path("RootFS").path("Layers")).hasSize(2);
        assertThat(Instant.parse(read.path("Metadata").path("LastTagTime").asString()))
                .isBefore(Instant.now().plusSeconds(1));
        assertThat(read.path("Config").propertyNames()).containsExactlyInAnyOrder("Cmd", "Labels");
        assertThat(read.path("Config").path("Cmd").toString()).isEqualTo("[\"sh\"]");
        assertThat(read.path("Config").path("Labels").path("tier").asString()).isEqualTo("one");
        assertThat(read.has("VirtualSize")).isFalse();
        assertThat(read.has("Container")).isFalse();
        for (String name : List.of(
                "app:1",
                shortForm(image.id()),
                image.id().value(),
                image.id().hex(),
                "sha256:" + shortForm(image.id()))) {
            assertThat(engine.get("/images/" + name + "/json").is(200).json()).isEqualTo(read);
        }
    }

    @Test
    void olderClientsSeeOlderFields() {
        load("app:1");
        JsonNode old = engine.speaking("1.41").get("/images/app:1/json").is(200).json();
        assertThat(old.path("VirtualSize").asLong()).isEqualTo(old.path("Size").asLong());
        assertThat(old.path("Container").asString()).isEmpty();
        assertThat(old.path("Config").has("Hostname")).isTrue();
        engine.delete("/images/app:1").is(200);
        engine.post("/images/load", unique().archive()).is(200);
        assertThat(engine.speaking("1.41")
                        .get("/images/json")
                        .json()
                        .get(0)
                        .path("RepoTags")
                        .toString())
                .isEqualTo("[\"<none>:<none>\"]");
        assertThat(engine.get("/images/json").json().get(0).path("RepoTags")).isEmpty();
    }

    @Test
    void unknownAndMalformedNames() {
        for (String path : List.of("/json", "/history")) {
            assertThat(engine.get("/images/nosuch" + path).is(404).message()).isEqualTo("No such image: nosuch:latest");
            assertThat(engine.get("/images/a/b:c" + path).is(404).message()).isEqualTo("No such image: a/b:c");
            assertThat(engine.get("/images/Upper" + path).is(400).message()).contains("must be lowercase");
        }
        String id = "sha256:" + "0".repeat(64);
        assertThat(engine.get("/images/" + id + "/json").is(404).message()).isEqualTo("No such image: " + id);
        assertThat(engine.delete("/images/nosuch").is(404).message()).isEqualTo("No such image: nosuch:latest");
        assertThat(engine.post("/images/nosuch/tag?repo=x").is(404).message())
                .isEqualTo("No such image: nosuch:latest");
        assertThat(engine.get("/images/nosuch/other").is(404).message()).isEqualTo("page not found");
        assertThat(engine.post("/images/create?fromImage=127.0.0.1:1/busybox&tag=latest")
                        .is(503)
                        .message())
                .contains("127.0.0.1:1", "connection refused");
    }

    @Test
    void historyIsNewestFirst() {
        TestImage image = load("app:1");
        List<JsonNode> steps = new ArrayList<>();
        engine.get("/images/app:1/history").is(200).json().forEach(steps::add);
        assertThat(steps)
                .extracting(step -> step.path("CreatedBy").asString())
                .containsExactly("set Labels", "set Cmd", "layer 2", "layer 1");
        assertThat(steps).extracting(step -> step.path("Size").asLong()).containsExactly(0L, 0L, 72L, 36L);
        assertThat(steps)
                .extracting(step -> step.path("Id").asString())
                .containsExactly(image.id().value(), "<missing>", "<missing>", "<missing>");
        assertThat(steps.getFirst().path("Tags").toString()).isEqualTo("[\"app:1\"]");
        assertThat(steps.getFirst().path("Created").asLong()).isEqualTo(1709287200L);
    }

    @Test
    void listFilters() {
        TestImage image = load("app:1", "example.test/team/app:2");
        TestImage dangling =
                new TestImage().layer(new TestLayer().file("d", project)).created("2025-01-01T00:00:00Z");
        engine.post("/images/load", dangling.archive()).is(200);
        assertThat(listed(Map.of())).containsExactly(dangling.id(), image.id());
        assertThat(listed(Map.of("dangling", List.of("true")))).containsExactly(dangling.id());
        assertThat(listed(Map.of("dangling", Map.of("false", true)))).containsExactly(image.id());
        assertThat(listed(Map.of("label", List.of("tier")))).containsExactly(image.id());
        assertThat(listed(Map.of("label", List.of("tier=two")))).isEmpty();
        assertThat(listed(Map.of("before", List.of(dangling.id().value())))).containsExactly(image.id());
        assertThat(listed(Map.of("since", List.of("app:1")))).containsExactly(dangling.id());
        assertThat(listed(Map.of("until", List.of("2024-06-01")))).containsExactly(image.id());
        assertThat(listed(Map.of("reference", List.of("ap*")))).containsExactly(image.id());
        assertThat(listed(Map.of("reference", List.of("*")))).containsExactly(image.id());
        assertThat(listed(Map.of("reference", List.of("[^b]pp")))).containsExactly(image.id());
        assertThat(listed(Map.of("reference", List.of("[^a]pp")))).isEmpty();
        JsonNode shown = engine.get(
                        "/images/json?" + Engine.filters(Map.of("reference", List.of("example.test/*/app"))))
                .json();
        assertThat(shown.get(0).path("RepoTags").toString()).isEqualTo("[\"example.test/team/app:2\"]");
        assertThat(engine.get("/images/json?" + Engine.filters(Map.of("colour", List.of("blue"))))
                        .is(400)
                        .message())
                .isEqualTo("invalid filter 'colour'");
        assertThat(engine.get("/images/json?filters=%7B").is(400).message()).contains("invalid filter");
        assertThat(engine.get("/images/json?" + Engine.filters(Map.of("before", List.of("nosuch"))))
                        .is(404)
                        .message())
                .isEqualTo("No such image: nosuch:latest");
        assertThat(engine.get("/images/json?" + Engine.filters(Map.of("dangling", List.of("maybe"))))
                        .is(400)
                        .message())
                .contains("invalid filter 'dangling=[maybe]'");
    }

    private List<Digest> listed(Map<String, ?> filters) {
        List<Digest> ids = new ArrayList<>();
        engine.get("/images/json?" + Engine.filters(filters))
                .is(200)
                .json()
                .forEach(image -> ids.add(Digest.parse(image.path("Id").asString())));
        return ids;
    }

    @Test
    void sharedSizeIsWhatImagesHaveInCommon() {
        byte[] base = new TestLayer().file("base", project).tar();
        engine.post(
                        "/images/load",
                        new TestImage()
                                .layer(base)
                                .layer(new TestLayer().file("a", "1"))
                                .archive())
                .is(200);
        engine.post(
                        "/images/load",
                        new TestImage()
                                .layer(base)
                                .layer(new TestLayer().file("b", "22"))
                                .archive())
                .is(200);
        engine.get("/images/json?shared-size=1")
                .is(200)
                .json()
                .forEach(image -> assertThat(image.path("SharedSize").asLong()).isEqualTo(36));
        engine.get("/images/json")
                .json()
                .forEach(image -> assertThat(image.path("SharedSize").asLong()).isEqualTo(-1));
        var usage = engine.get("/internal/images/usage?version=1.51").is(200).json();
        assertThat(usage.path("layersSize").asLong()).isEqualTo(36 + 1 + 2);
        usage.path("images").forEach(image -> {
            assertThat(image.path("SharedSize").asLong()).isEqualTo(36);
            assertThat(image.path("Containers").asLong()).isZero();
        });
    }

    @Test
    void tagsAndUntags() {
        TestImage image = load("app:1");
        engine.post("/images/app:1/tag?repo=example.test:5000/team/app&tag=v1").is(201);
        assertThat(tags()).containsExactly("app:1", "example.test:5000/team/app:v1");
        assertThat(engine.post("/images/app:1/tag?repo=Upper").is(400).message())
                .contains("must be lowercase");
        assertThat(engine.post("/images/app:1/tag?repo=x&tag=-").is(400).message())
                .isEqualTo("invalid reference format");
        assertThat(engine.post("/images/app:1/tag").is(400).message()).contains("invalid reference format");
        assertThat(engine.delete("/images/example.test:5000/team/app:v1")
                        .is(200)
                        .body())
                .isEqualTo("[{\"Untagged\":\"example.test:5000/team/app:v1\"}]");
        assertThat(engine.get("/images/" + shortForm(image.id()) + "/json")
                        .is(200)
                        .json()
                        .path("RepoTags")
                        .toString())
                .isEqualTo("[\"app:1\"]");
    }

    @Test
    void deleteOfTheLastNameDeletesImageAndLayers() {
        TestImage image = load("app:1");
        List<LayerRef> layers = LayerChain.of(image.diffIds());
        assertThat(engine.delete("/images/app:1").is(200).body())
                .isEqualTo("[{\"Untagged\":\"app:1\"},{\"Deleted\":\"" + image.id() + "\"},{\"Deleted\":\""
                        + layers.get(1).chainId() + "\"},{\"Deleted\":\""
                        + layers.get(0).chainId() + "\"}]");
        assertThat(held(image)).isEmpty();
        assertThat(engine.get("/images/json").json()).isEmpty();
        engine.post("/images/load", image.archive()).is(200);
        assertThat(held(image)).hasSize(2);
    }

    @Test
    void layersThatAnotherImageNeedsStay() {
        TestImage image = load("app:1");
        TestImage longer = unique("app:2").layer(new TestLayer().file("third", project));
        engine.post("/images/load", longer.archive()).is(200);
        assertThat(engine.delete("/images/app:1").is(200).json()).hasSize(2);
        assertThat(held(longer)).hasSize(3);
        assertThat(engine.delete("/images/app:2").is(200).json()).hasSize(5);
        assertThat(held(longer)).isEmpty();
        assertThat(held(image)).isEmpty();
    }

    @Test
    void deleteByIdNeedsForceForSeveralNames() {
        TestImage image = load("app:1");
        engine.post("/images/app:1/tag?repo=second").is(201);
        String id = shortForm(image.id());
        assertThat(engine.delete("/images/" + id).is(409).message())
                .isEqualTo("conflict: unable to delete " + id
                        + " (must be forced) - image is referenced in multiple repositories");
        assertThat(engine.delete("/images/" + id + "?force=1").is(200).body())
                .startsWith("[{\"Untagged\":\"app:1\"},{\"Untagged\":\"second:latest\"},{\"Deleted\":\"" + image.id());
    }

    @Test
    void claimsAreIdempotentByOwner() {
        TestImage image = load("app:1");
        Owner owner = new Owner(ContainerId.random(), 1);
        ClaimedImage claimed = claims.claim(engine.caller(), new ImageClaim(owner, shortForm(image.id())));
        assertThat(claimed.id()).isEqualTo(image.id());
        assertThat(claimed.diffIds()).isEqualTo(image.diffIds());
        assertThat(claimed.config().command()).containsExactly("sh");
        TestImage other = unique("app:1").config("User", "x");
        engine.post("/images/load", other.archive()).is(200);
        assertThat(claims.claim(engine.caller(), new ImageClaim(owner, "app:1")))
                .isEqualTo(claimed);
        Owner next = new Owner(owner.container(), 2);
        assertThat(claims.claim(engine.caller(), new ImageClaim(next, "app:1")).id())
                .isEqualTo(other.id());
        assertThat(claims.list(engine.caller(), null, 10).claims())
                .extracting(ClaimPage.Held::owner)
                .containsExactly(owner, next);
        assertThat(claims.list(engine.caller(), owner.container().value(), 10).claims())
                .isEmpty();
        claims.release(engine.caller(), List.of(owner, next, owner));
        claims.release(engine.caller(), List.of(owner));
        assertThat(claims.list(engine.caller(), null, 10).claims()).isEmpty();
        assertThatThrownBy(() -> claims.claim(engine.caller(), new ImageClaim(owner, "nosuch")))
                .isInstanceOf(Failure.NotFound.class)
                .hasMessage("No such image: nosuch:latest");
        assertThatThrownBy(() -> claims.claim(engine.caller(), new ImageClaim(owner, "a:b:c")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("invalid reference format");
        assertThat(claims.descendants(engine.caller(), "app:1")).containsExactly(other.id());
        assertThat(claims.descendants(engine.caller(), "nosuch")).isEmpty();
    }

    @Test
    void projectsDoNotSeeEachOther() {
        load("app:1");
        Engine stranger = world.engine(UUID.randomUUID().toString());
        assertThat(stranger.get("/images/json").json()).isEmpty();
        stranger.get("/images/app:1/json").is(404);
        stranger.delete("/images/app:1").is(404);
    }

    @Test
    void importMakesAnImageOfOneLayer() {
        byte[] tar = new TestLayer().file("f", project).tar();
        Engine.Reply reply = engine.post(
                        "/images/create?fromSrc=-&repo=imported&tag=1&message=by+hand&changes=CMD+%5B%22echo%22%2C%22a%2Cb%22%5D&changes=ENV+A%3D1+B%3D%22two+words%22"
                                + "&changes=EXPOSE+80&changes=WORKDIR+%2Fsrv&changes=LABEL+k%3Dv",
                        TestLayer.gzip(tar))
                .is(200);
        String id = reply.lines().getFirst().path("status").asString();
        assertThat(id).matches("sha256:[0-9a-f]{64}");
        JsonNode read = engine.get("/images/imported:1/json").is(200).json();
        assertThat(read.path("Id").asString()).isEqualTo(id);
        assertThat(read.path("Comment").asString()).isEqualTo("by hand");
        assertThat(read.path("RootFS").path("Layers").toString()).isEqualTo("[\"" + Digest.of(tar) + "\"]");
        assertThat(read.path("Config").toString())
                .isEqualTo(
                        "{\"ExposedPorts\":{\"80/tcp\":{}},\"Env\":[\"A=1\",\"B=two words\"],\"Cmd\":[\"echo\",\"a,b\"],"
                                + "\"WorkingDir\":\"/srv\",\"Labels\":{\"k\":\"v\"}}");
        assertThat(engine.post("/images/create?fromSrc=-&repo=Upper/CASE", tar)
                        .is(400)
                        .message())
                .contains("must be lowercase");
        assertThat(engine.post("/images/create?fromSrc=-&repo=x&changes=RUN+x", tar)
                        .is(400)
                        .message())
                .isEqualTo("RUN is not a valid change command");
        for (String platform : List.of("windows/amd64", "linux/", "a b")) {
            assertThat(engine.post(
                                    "/images/create?fromSrc=-&repo=x&platform="
                                            + URLEncoder.encode(platform, StandardCharsets.UTF_8),
                                    tar)
                            .is(400)
                            .message())
                    .contains("\"" + platform + "\"");
        }
        byte[] hostile = new TestLayer().hardLink("l", "../../etc/shadow").tar();
        assertThat(engine.post("/images/create?fromSrc=-&repo=x", hostile)
                        .is(400)
                        .message())
                .contains("\"l\"");
        assertThat(tags()).containsExactly("imported:1");
    }

    @Test
    void importForAnotherPlatform() {
        byte[] tar = new TestLayer().file("f", project + "arm").tar();
        engine.post("/images/create?fromSrc=-&repo=arm&platform=linux/arm64/v8", tar)
                .is(200);
        JsonNode read = engine.get("/images/arm/json").is(200).json();
        assertThat(read.path("Architecture").asString()).isEqualTo("arm64");
        assertThat(read.path("Variant").asString()).isEqualTo("v8");
    }

    @Test
    void whatAsksForOneOfSeveralPlatformsIsRefused() {
        TestImage image = load("app:1");
        String platform = "platform=%7B%22os%22%3A%22linux%22%7D";
        for (Engine.Reply reply : List.of(
                engine.get("/images/app:1/json?" + platform),
                engine.get("/images/app:1/history?" + platform),
                engine.get("/images/app:1/json?manifests=1"),
                engine.get("/images/json?manifests=true"),
                engine.delete("/images/app:1?platforms=%5B%7B%22os%22%3A%22linux%22%7D%5D"),
                engine.post("/images/load?" + platform, image.archive()))) {
            assertThat(reply.is(501).message()).contains("is not supported: an image here has one platform");
        }
        engine.get("/images/app:1/json?manifests=false&platform=").is(200);
    }

    @Test
    void labelsAndTimesThatCannotBeKeptAreRefusedByName() {
        TestImage nul = unique("app:1").config("Labels", Map.of("k", "a\0b"));
        assertThat(engine.post("/images/load", nul.archive()).is(200).body()).contains("label \\\"k\\\" has a NUL");
        TestImage late = unique("app:1").created("+999999-01-01T00:00:00Z");
        assertThat(engine.post("/images/load", late.archive()).is(200).body()).contains("created \\\"+999999-01-01");
        assertThat(engine.post(
                                "/images/create?fromSrc=-&changes=LABEL+k%3Da%00b",
                                new TestLayer().file("nul", project).tar())
                        .is(400)
                        .message())
                .contains("label \"k\" has a NUL");
        assertThat(tags()).isEmpty();
        assertThat(held(nul)).isEmpty();
    }

    @Test
    void everyChangeIsTold() {
        TestImage image = load("app:1");
        engine.post("/images/app:1/tag?repo=other").is(201);
        engine.delete("/images/other").is(200);
        engine.delete("/images/app:1").is(200);
        List<Event> told = events.read(engine.caller(), null, 0, 1000, 0).events().stream()
                .filter(event -> event.project().equals(project))
                .toList();
        assertThat(told).extracting(Event::action).containsExactly("load", "tag", "untag", "untag", "delete");
        assertThat(told).allSatisfy(event -> {
            assertThat(event.type()).isEqualTo("image");
            assertThat(event.actorId()).isEqualTo(image.id().value());
            assertThat(event.attributes()).containsEntry("tier", "one");
        });
        assertThat(told)
                .extracting(event -> event.attributes().get("name"))
                .containsExactly(
                        image.id().value(),
                        "other:latest",
                        image.id().value(),
                        image.id().value(),
                        image.id().value());
    }

    /** Loads, claims and removals of one image at once: whatever the order, an image that is there has its layers. */
    @Test
    void loadsAndRemovalsAtOnceNeverLoseALayer() throws Exception {
        TestImage image = unique("app:1");
        byte[] archive = image.archive();
        try (ExecutorService pool = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 8; round++) {
                List<Callable<Engine.Reply>> calls = List.of(
                        () -> engine.post("/images/load", archive),
                        () -> engine.delete("/images/app:1?force=1"),
                        () -> engine.post("/images/load", archive),
                        () -> engine.delete("/images/app:1"));
                for (Future<Engine.Reply> done : pool.invokeAll(calls)) {
                    assertThat(done.get().status()).as(done.get().body()).isIn(200, 404);
                    assertThat(done.get().body()).doesNotContain("errorDetail");
                }
                if (engine.get("/images/app:1/json").status() == 200) {
                    assertThat(held(image)).hasSize(2);
                }
            }
        }
        engine.delete("/images/app:1?force=1");
        collect();
        assertThat(held(image)).isEmpty();
    }

    @Test
    void interruptedRemovalIsFinishedByTheNext() {
        TestImage image = load("app:1");
        world.database()
                .jdbc()
                .sql("delete from reference where project = ?")
                .param(project)
                .update();
        world.database()
                .jdbc()
                .sql("delete from image where project = ?")
                .param(project)
                .update();
        world.database()
                .jdbc()
                .sql("update layer set removing_since = now() - interval '2 minutes' where project = ?")
                .param(project)
                .update();
        assertThat(held(image)).hasSize(2);
        collect();
        assertThat(held(image)).isEmpty();
    }

    /** Every removal of an image takes with it what other removals have left. */
    private void collect() {
        TestImage other = new TestImage()
                .layer(new TestLayer().file("other", UUID.randomUUID().toString()));
        engine.post("/images/load", other.archive()).is(200);
        engine.delete("/images/" + other.id()).is(200);
    }
}
