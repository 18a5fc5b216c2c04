package io.longshore.platform.data;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.springframework.context.annotation.Import;
import org.springframework.data.jpa.repository.config.EnableJpaRepositories;

/**
 * Put on a service's application class: gives it a {@code DataSource}, the migrations in {@code db/<schema>}, JPA with the entities
 * and repositories below the class's package, {@code JdbcClient}, {@code NamedParameterJdbcOperations}, {@code TransactionTemplate},
 * {@code @Transactional}, an {@link EventOutbox} and the controller that hands its events out.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@EnableJpaRepositories
@Import({DataConfiguration.class, EventConfiguration.class})
public @interface ServiceSchema {
    /** The schema's name, also of the directory with its migrations: lower case letters. */
    String value();
}
