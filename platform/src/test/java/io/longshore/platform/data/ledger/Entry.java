package io.longshore.platform.data.ledger;

import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Map;
import org.hibernate.annotations.JdbcTypeCode;
import org.hibernate.type.SqlTypes;

/** A line of the ledger: a JSON column, a time, an optimistic version. */
@Entity
public class Entry {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Long id = 0L;

    @Version
    private int version;

    private String entryText = "";
    private Instant writtenAt = Instant.EPOCH;

    @JdbcTypeCode(SqlTypes.JSON)
    private Map<String, String> labels = Map.of();

    protected Entry() {}

    Entry(String text, Map<String, String> labels, Instant writtenAt) {
        this.entryText = text;
        this.labels = labels;
        this.writtenAt = writtenAt;
    }

    public long id() {
        return id;
    }

    public int version() {
        return version;
    }

    public Map<String, String> labels() {
        return labels;
    }

    public Instant writtenAt() {
        return writtenAt;
    }

    public String text() {
        return entryText;
    }

    void rename(String text) {
        entryText = text;
    }
}
