package io.longshore.platform.web;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.contracts.error.Failure;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.orm.jpa.JpaSystemException;

class FailuresTest {
    @Test
    void transactionThatCannotBeTakenBackIsTroubleOfTheDatabase() {
        SQLException closed = new SQLException("Connection is closed");
        RuntimeException problem = new JpaSystemException(
                new org.hibernate.TransactionException("Unable to rollback against JDBC Connection", closed));
        assertThat(Failures.of(problem)).isInstanceOf(Failure.Unavailable.class).hasCause(problem);
    }

    @Test
    void aFullDiskIsSaid() {
        SQLException full = new SQLException("could not extend file: No space left on device", "53100");
        assertThat(Failures.of(new IllegalStateException(full)))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageContaining("no space left on device");
    }

    @Test
    void transactionThatIsUsedWronglyIsADefect() {
        assertThat(Failures.of(new JpaSystemException(
                        new org.hibernate.TransactionException("Nested transactions not supported"))))
                .isInstanceOf(Failure.Internal.class);
    }

    @Test
    void whatIsNotForeseenIsADefectThatTellsNothing() {
        assertThat(Failures.of(new IllegalStateException("secret")))
                .isInstanceOf(Failure.Internal.class)
                .hasMessageNotContaining("secret");
    }
}
