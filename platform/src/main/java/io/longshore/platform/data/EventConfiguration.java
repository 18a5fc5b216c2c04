package io.longshore.platform.data;

import java.time.Clock;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionTemplate;

/** The outbox of a service with a schema, and what reads and trims it. */
@Configuration(proxyBeanMethods = false)
class EventConfiguration {
    private final EventTimes times = new EventTimes(Clock.systemUTC());
    private final EventSignal signal = new EventSignal();

    @Bean
    EventOutbox eventOutbox(NamedParameterJdbcOperations jdbc) {
        return new EventOutbox(jdbc, times, signal);
    }

    @Bean
    EventReader eventReader(JdbcClient jdbc) {
        return new EventReader(new EventRows(jdbc, EventNumbering.of(jdbc)), times, signal);
    }

    @Bean
    EventsController eventsController(EventReader reader) {
        return new EventsController(reader);
    }

    @Bean
    EventRetention eventRetention(JdbcClient jdbc, TransactionTemplate transactions, DatabaseProperties database) {
        return new EventRetention(
                new EventRows(jdbc, EventNumbering.of(jdbc)),
                transactions,
                database.eventsOrDefault(),
                Clock.systemUTC());
    }
}
