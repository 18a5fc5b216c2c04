package io.longshore.platform.commit;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.BatchUpdateException;
import java.sql.SQLException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.UncategorizedSQLException;
import org.springframework.jdbc.support.SQLStateSQLExceptionTranslator;
import org.springframework.transaction.TransactionSystemException;

class RolledBackTest {
    /** Duplicate key, other constraint, too long a text, deadlock, lock timeout; lost connection, shutdown, full disk, defect. */
    @ParameterizedTest
    @CsvSource({
        "23505,true",
        "23514,true",
        "22001,true",
        "40P01,true",
        "40001,true",
        "55P03,true",
        "08006,false",
        "57P01,false",
        "53100,false",
        "42703,false"
    })
    void whatTheDatabaseRefusedIsRolledBack(String state, boolean expected) {
        SQLException problem = new SQLException("no", state);
        SQLException batch = new BatchUpdateException("no", state, new int[0], problem);
        assertThat(GroupCommit.isRolledBack(translated(problem))).isEqualTo(expected);
        assertThat(GroupCommit.isRolledBack(translated(batch))).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({"08006", "40P01"})
    void ofACommitThatFailedNobodyKnows(String state) {
        assertThat(GroupCommit.isRolledBack(new TransactionSystemException("commit", new SQLException("no", state))))
                .isFalse();
    }

    private static RuntimeException translated(SQLException problem) {
        DataAccessException known = new SQLStateSQLExceptionTranslator().translate("insert", "sql", problem);
        return known != null ? known : new UncategorizedSQLException("insert", "sql", problem);
    }
}
