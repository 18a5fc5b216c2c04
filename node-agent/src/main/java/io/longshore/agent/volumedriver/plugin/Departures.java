package io.longshore.agent.volumedriver.plugin;

import io.longshore.agent.volumedriver.VolumeName;
import io.longshore.agent.volumedriver.plugin.MountNotes.Note;
import io.longshore.contracts.error.Failure;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unmounts on their way to one plugin. A container that has ended waits for its own only a moment. One that the plugin was not reached for
 * is tried again, from time to time and by whoever wants the volume next, until the plugin has heard of it; what it answers then is logged,
 * and that is that. Thread-safe.
 */
final class Departures {
    /** A plugin that is well answers within this, so that an end is told when all is done. */
    private static final Duration MOMENT = Duration.ofSeconds(2);

    private static final Duration FIRST_PAUSE = Duration.ofSeconds(1);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(5);

    private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

    private final PluginName plugin;
    private final MountNotes notes;
    private final Consumer<Departure> unmount;
    private final Map<Note, Departure> under = new ConcurrentHashMap<>();

    /**
     * Without any.
     *
     * @param notes of what the plugin has not heard an Unmount of
     * @param unmount sends one that is still due, and has its answer; says that it is over once the plugin has heard of it
     */
    Departures(PluginName plugin, MountNotes notes, Consumer<Departure> unmount) {
        this.plugin = plugin;
        this.notes = notes;
        this.unmount = unmount;
    }

    /** One Unmount, however often it is tried. */
    final class Departure {
        private final Note note;

        private Departure(Note note) {
            this.note = note;
        }

        Note note() {
            return note;
        }

        /** Whether it is still to be done: the same holder may have mounted again since. */
        boolean due() {
            return under.get(note) == this;
        }

        void over() {
            under.remove(note, this);
        }
    }

    /** Begins one, unless it has begun, and waits for it for a moment. */
    void begin(Note note) {
        Departure departure = new Departure(note);
        if (under.putIfAbsent(note, departure) != null) {
            return;
        }
        CountDownLatch tried = new CountDownLatch(1);
        Thread.ofVirtual().name("volume-unmount").start(() -> {
            try {
                untilHeard(departure, tried);
            } finally {
                departure.over();
                tried.countDown();
            }
        });
        if (!Waits.over(tried, MOMENT)) {
            LOG.warn("volume plugin {} takes its time to unmount {}: nobody waits for it", plugin, note.volume());
        }
    }

    private void untilHeard(Departure departure, CountDownLatch tried) {
        Duration pause = FIRST_PAUSE;
        while (departure.due()) {
            try {
                heard(departure);
                return;
            } catch (RuntimeException e) {
                LOG.warn(
                        "volume {} is still to be unmounted: {}",
                        departure.note().volume(),
                        e instanceof Failure failure ? failure.text() : e.toString());
            }
            tried.countDown();
            try {
                Thread.sleep(pause);
            } catch (InterruptedException e) {
                return; // The next life of the agent knows of it.
            }
            pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) < 0 ? pause.multipliedBy(2) : LONGEST_PAUSE;
        }
    }

    /** Returns when the plugin knows of it, whatever it made of it; throws what kept it from being sent. */
    private void heard(Departure departure) {
        try {
            unmount.accept(departure);
        } catch (RuntimeException e) {
            if (notes.has(departure.note())) {
                throw e;
            }
            LOG.warn(
                    "volume plugin {} was to unmount {} for {} and failed; it is not asked again: {}",
                    plugin,
                    departure.note().volume(),
                    departure.note().holder().shortForm(),
                    e.toString());
        }
    }

    /** Returns when this holder's Unmount, if there is one, is over; else tries it. */
    void finish(Note note) {
        Departure departure = under.get(note);
        if (departure != null) {
            heard(departure);
        }
    }

    /** The same for all holders of a volume. */
    void finish(VolumeName volume) {
        under.keySet().stream().filter(note -> note.volume().equals(volume)).forEach(this::finish);
    }
}
