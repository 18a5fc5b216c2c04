package io.longshore.platform.data.ledger;

import java.util.Optional;
import org.springframework.data.repository.Repository;

interface EntryRepository extends Repository<Entry, Long> {
    Entry save(Entry entry);

    Optional<Entry> findByEntryText(String text);
}
