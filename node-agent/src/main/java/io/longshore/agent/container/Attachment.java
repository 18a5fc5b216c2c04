package io.longshore.agent.container;

import io.longshore.agent.execdriver.AttachRequest;
import io.longshore.contracts.stream.Duplex;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A client that is attached, or will be before the process runs: it may come while the container is only created, as
 * {@code docker run} does. Thread-safe.
 */
public final class Attachment {
    private final AttachRequest request;
    private final CompletableFuture<@Nullable Duplex> live = new CompletableFuture<>();

    Attachment(AttachRequest request) {
        this.request = request;
    }

    /** To what is there already. */
    public static Attachment to(Duplex side) {
        var attachment = new Attachment(new AttachRequest(false, false, false));
        attachment.connect(side);
        return attachment;
    }

    /** To what has ended: there is nothing to read. */
    public static Attachment toNothing() {
        var attachment = new Attachment(new AttachRequest(false, false, false));
        attachment.cancel();
        return attachment;
    }

    AttachRequest request() {
        return request;
    }

    /** The container's side; waits for the next start. Null when it will never come: the start failed or the container was removed. */
    public @Nullable Duplex await() throws InterruptedException {
        try {
            return live.get();
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("an attachment is completed by value only", e);
        }
    }

    /** Whether {@link #await} need not wait any more; waits at most so long for that. */
    public boolean isDecidedWithin(Duration patience) throws InterruptedException {
        try {
            live.get(patience.toNanos(), TimeUnit.NANOSECONDS);
            return true;
        } catch (TimeoutException e) {
            return false;
        } catch (java.util.concurrent.ExecutionException e) {
            throw new IllegalStateException("an attachment is completed by value only", e);
        }
    }

    /** Gives the container's side, which this attachment's reader closes. */
    void connect(Duplex side) {
        if (!live.complete(side)) {
            side.close();
        }
    }

    /** The agent lets go because it stops: the client has not gone, so the container keeps its input. */
    public void cut() {
        Duplex side = live.getNow(null);
        if (side != null) {
            side.reset();
        }
    }

    /** Gives up: there is, or there is no longer, anything to attach to. The container's side is closed if it has come. */
    public void cancel() {
        if (!live.complete(null)) {
            Duplex side = live.getNow(null);
            if (side != null) {
                side.close();
            }
        }
    }
}
