package io.longshore.acceptance.clients;

import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.StreamType;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** What came on a stream, in order. */
final class Heard<T> extends ResultCallback.Adapter<T> {
    private final List<T> all = new CopyOnWriteArrayList<>();

    @Override
    public void onNext(T one) {
        all.add(one);
    }

    List<T> all() {
        return all;
    }

    /** Waits for the stream's end, at most half a minute. */
    Heard<T> toItsEnd() throws InterruptedException {
        if (!awaitCompletion(30, TimeUnit.SECONDS)) {
            throw new IllegalStateException("the stream goes on after half a minute; it gave " + all);
        }
        return this;
    }

    /** Waits until something of that kind has come, at most half a minute. */
    Heard<T> until(Predicate<T> last) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (all.stream().noneMatch(last)) {
            if (System.nanoTime() > end) {
                throw new IllegalStateException("half a minute, and only " + all);
            }
            Thread.sleep(20);
        }
        return this;
    }

    /** The text of one of the streams that frames are of. */
    static String text(Heard<Frame> heard, StreamType type) {
        StringBuilder text = new StringBuilder();
        for (Frame frame : heard.all()) {
            if (frame.getStreamType() == type) {
                text.append(new String(frame.getPayload(), StandardCharsets.UTF_8));
            }
        }
        return text.toString().strip();
    }
}
