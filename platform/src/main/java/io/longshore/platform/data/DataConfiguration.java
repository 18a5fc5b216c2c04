package io.longshore.platform.data;

import com.zaxxer.hikari.HikariDataSource;
import jakarta.persistence.EntityManagerFactory;
import java.util.Map;
import java.util.Properties;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.ImportAware;
import org.springframework.core.type.AnnotationMetadata;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcOperations;
import org.springframework.jdbc.core.namedparam.NamedParameterJdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.orm.jpa.JpaTransactionManager;
import org.springframework.orm.jpa.LocalContainerEntityManagerFactoryBean;
import org.springframework.orm.jpa.vendor.HibernateJpaVendorAdapter;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.EnableTransactionManagement;
import org.springframework.transaction.support.TransactionTemplate;
import org.springframework.util.ClassUtils;

/** The beans of {@link ServiceSchema}, written out: each of eight contexts in one JVM would evaluate the conditions of Boot's. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(DatabaseProperties.class)
// Here and not on ServiceSchema: it does nothing when it is an annotation's annotation.
@EnableTransactionManagement(proxyTargetClass = true)
class DataConfiguration implements ImportAware {
    /** Of a whole transaction, which PostgreSQL has from version 17 on: one before that is not told of a setting that it refuses. */
    private static final String TRANSACTION_TIMEOUT =
            "select set_config(name, '60s', false) from pg_settings where name = 'transaction_timeout'";

    private static final int MOST_CONNECTIONS = 8;

    private @Nullable String schema;
    private @Nullable String packageName;

    @Override
    public void setImportMetadata(AnnotationMetadata application) {
        packageName = ClassUtils.getPackageName(application.getClassName());
        schema = (String) application
                .getAnnotations()
                .get(ServiceSchema.class)
                .getValue("value")
                .orElseThrow();
    }

    @Bean(destroyMethod = "close")
    HikariDataSource dataSource(DatabaseProperties database) {
        FirstConnection.await(database);
        HikariDataSource pool = new HikariDataSource();
        pool.setPoolName(schema());
        pool.setDriverClassName("org.postgresql.Driver");
        pool.setJdbcUrl(database.requiredUrl());
        pool.setUsername(database.requiredUser());
        pool.setPassword(database.requiredPassword());
        pool.setDataSourceProperties(connectionProperties());
        pool.setConnectionInitSql(TRANSACTION_TIMEOUT);
        // A connection is a process of PostgreSQL; nobody holds one while waiting, so few serve many.
        pool.setMinimumIdle(1);
        pool.setMaximumPoolSize(MOST_CONNECTIONS);
        pool.setConnectionTimeout(5_000);
        pool.setIdleTimeout(30_000);
        return pool;
    }

    @Bean(initMethod = "migrate")
    Flyway flyway(DataSource dataSource) {
        return SchemaMigrations.of(dataSource, schema());
    }

    @Bean
    LocalContainerEntityManagerFactoryBean entityManagerFactory(DataSource dataSource, Flyway migrated) {
        LocalContainerEntityManagerFactoryBean factory = new LocalContainerEntityManagerFactoryBean();
        factory.setPersistenceUnitName(schema());
        factory.setDataSource(dataSource);
        factory.setPackagesToScan(packageName == null ? schema() : packageName);
        factory.setJpaVendorAdapter(new HibernateJpaVendorAdapter());
        factory.setJpaPropertyMap(Map.of(
                "hibernate.hbm2ddl.auto", "none",
                "jakarta.persistence.database-product-name", "PostgreSQL",
                // The database is known: no connection is needed to build the factory.
                "hibernate.boot.allow_jdbc_metadata_access", "false",
                "hibernate.physical_naming_strategy",
                        "org.hibernate.boot.model.naming.PhysicalNamingStrategySnakeCaseImpl",
                "hibernate.jdbc.batch_size", "50",
                "hibernate.order_inserts", "true",
                "hibernate.order_updates", "true",
                "hibernate.query.fail_on_pagination_over_collection_fetch", "true",
                "hibernate.jdbc.time_zone", "UTC"));
        return factory;
    }

    @Bean
    PlatformTransactionManager transactionManager(EntityManagerFactory factory) {
        JpaTransactionManager manager = new JpaTransactionManager(factory);
        manager.setDefaultTimeout(30);
        return manager;
    }

    @Bean
    TransactionTemplate transactionTemplate(PlatformTransactionManager manager) {
        return new TransactionTemplate(manager);
    }

    @Bean
    JdbcClient jdbcClient(NamedParameterJdbcOperations jdbc) {
        return JdbcClient.create(jdbc);
    }

    @Bean
    NamedParameterJdbcOperations namedParameterJdbcOperations(DataSource dataSource, Flyway migrated) {
        return new NamedParameterJdbcTemplate(dataSource);
    }

    /** A statement or a lock that takes longer is a defect, and must not hold back the readers of events. */
    private Properties connectionProperties() {
        Properties properties = new Properties();
        properties.setProperty("ApplicationName", "longshore-" + schema());
        properties.setProperty("currentSchema", schema());
        properties.setProperty("reWriteBatchedInserts", "true");
        properties.setProperty("connectTimeout", "5");
        properties.setProperty("socketTimeout", "60");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty(
                "options",
                "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=30s -c timezone=UTC");
        return properties;
    }

    private String schema() {
        if (schema == null) {
            throw new IllegalStateException("ServiceSchema is to be put on the service's application class");
        }
        return schema;
    }
}
