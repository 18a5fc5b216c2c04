package io.longshore.platform.data.ledger;

import io.longshore.platform.data.EventOutbox;
import io.longshore.platform.data.NewEvent;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Writes entries, through JPA and in one statement. */
@Component
public class Ledger {
    private final EntryRepository entries;
    private final EventOutbox outbox;
    private final JdbcClient jdbc;

    Ledger(EntryRepository entries, EventOutbox outbox, JdbcClient jdbc) {
        this.entries = entries;
        this.outbox = outbox;
        this.jdbc = jdbc;
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
        return jdbc.sql("with gone as (delete from entry where entry_text = :text returning id) " + EventOutbox.INSERT
                        + " from gone")
                .params(outbox.parameters(event(project, text, "remove")))
                .param("text", text)
                .update();
    }

    static NewEvent event(String project, String text, String action) {
        return new NewEvent(project, "entry", action, text, Map.of("name", text));
    }
}
