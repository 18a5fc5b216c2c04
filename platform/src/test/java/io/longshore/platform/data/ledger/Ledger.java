package io.longshore.platform.data.ledger;

import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Writes entries, through JPA and in one statement. */
@Component
public class Ledger {
    private final EntryRepository entries;
    private final EventOutbox outbox;

    Ledger(EntryRepository entries, EventOutbox outbox) {
        this.entries = entries;
        this.outbox = outbox;
    }

    @Transactional
    public void write(String project, String text, Map<String, String> labels, Instant at) {
        entries.save(new Entry(text, labels, at));
        outbox.append(event(project, text, "write"));
    }

    @Transactional
    public void writeThenFail(String project, String text) {
        write(project, text, Map.of(), Instant.EPOCH);
        throw new IllegalStateException("after the event");
    }

    @Transactional
    public void rename(String text, String to) {
        entries.findByEntryText(text).orElseThrow().rename(to);
    }

    public Optional<Entry> find(String text) {
        return entries.findByEntryText(text);
    }

    /** The number of entries removed, which is the number of events. */
    @Transactional
    public int remove(String project, String text) {
        return outbox.change(
                "delete from entry where entry_text = :text",
                "id",
                Map.of("text", text),
                event(project, text, "remove"));
    }

    static NewEvent event(String project, String text, String action) {
        return new NewEvent(project, "entry", action, text, Map.of("name", text));
    }
}
