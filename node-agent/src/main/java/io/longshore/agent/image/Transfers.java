package io.longshore.agent.image;

import io.longshore.agent.content.ContentStore;
import io.longshore.contracts.agent.PullRequest;
import io.longshore.contracts.agent.PushRequest;
import io.longshore.contracts.agent.Transfer;
import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/**
 * Moves layers between registries and this node, and tells how it goes. Each transfer has a platform thread of its own, since one that
 * waits for its registry must not keep others from unpacking. Thread-safe; close it when the agent ends.
 */
public final class Transfers implements AutoCloseable {
    /** Transfers at once; a transfer unpacks or compresses one layer at a time. */
    private static final int AT_ONCE = 16;
    /** Docker tells progress as often. */
    private static final Duration TELL = Duration.ofMillis(100);

    private final ImageIntake intake;
    private final ContentStore content;
    private final Downloads downloads;
    private final ThreadPoolExecutor threads = new ThreadPoolExecutor(
            0,
            AT_ONCE,
            30,
            TimeUnit.SECONDS,
            new SynchronousQueue<>(),
            Thread.ofPlatform().daemon().name("transfer-", 0).factory());

    /** Between the store and registries. */
    public Transfers(ImageIntake intake, ContentStore content) {
        this.intake = intake;
        this.content = content;
        this.downloads = new Downloads(content);
    }

    /** Takes what a transfer tells. */
    @FunctionalInterface
    public interface Listener {
        /** A line; what it throws ends the transfer. */
        void tell(Transfer news) throws IOException;
    }

    /** Work, and what is told of it meanwhile. */
    private interface Job {
        Transfer run() throws IOException;
    }

    /** See {@code AgentPaths.PULL}. The last line that is told says how it ended. Interrupt the thread to end it. */
    public void pull(PullRequest request, Listener listener) throws IOException, InterruptedException {
        LayerPull pull = new LayerPull(request, intake, content, downloads);
        follow(() -> Transfer.loaded(pull.run()), pull::news, pull::cancel, listener);
    }

    /** See {@code AgentPaths.PUSH}; as {@link #pull}. */
    public void push(PushRequest request, Listener listener) throws IOException, InterruptedException {
        LayerPush push = new LayerPush(request, content);
        follow(() -> Transfer.pushed(push.run()), push::news, push::cancel, listener);
    }

    private void follow(Job job, Supplier<List<Transfer>> news, Runnable cancel, Listener listener)
            throws IOException, InterruptedException {
        CompletableFuture<Transfer> end = new CompletableFuture<>();
        try {
            threads.execute(() -> run(job, end));
        } catch (RejectedExecutionException e) {
            throw new Failure.Unavailable(
                    "the node moves " + AT_ONCE + " images from and to registries already; try again later", e);
        }
        boolean whole = false;
        try {
            while (!end.isDone()) {
                tell(news, listener);
                await(end);
            }
            tell(news, listener);
            listener.tell(end.join());
            whole = true;
        } finally {
            if (!whole) {
                cancel.run();
            }
        }
    }

    private static void tell(Supplier<List<Transfer>> news, Listener listener) throws IOException {
        for (Transfer line : news.get()) {
            listener.tell(line);
        }
    }

    private static void await(CompletableFuture<Transfer> end) throws InterruptedException {
        try {
            end.get(TELL.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            // There is something to tell, perhaps.
        } catch (ExecutionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void run(Job job, CompletableFuture<Transfer> end) {
        try {
            end.complete(job.run());
        } catch (Failure e) {
            end.complete(Transfer.failed(e.kind(), e.text()));
        } catch (IOException e) {
            Failure failure = ImageIntake.failure("moving layers", e);
            end.complete(Transfer.failed(failure.kind(), failure.text()));
        } catch (RuntimeException | Error e) {
            end.complete(Transfer.failed(ErrorKind.INTERNAL, "moving layers failed: " + e));
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}
