package io.longshore.container.state;

import static org.assertj.core.api.Assertions.assertThat;

import io.longshore.container.request.Samples;
import io.longshore.contracts.container.CreateRequest;
import io.longshore.contracts.id.ContainerId;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class RecentRowsTest {
    private final RecentRows rows = new RecentRows();

    @Test
    void keepsTheLatestVersion() {
        ContainerRow row = row();
        rows.read(row.at(2), 100);
        rows.read(row.at(1), 100);
        assertThat(rows.get(row.id())).isEqualTo(row.at(2));
        rows.written(row.at(4));
        rows.written(row.at(3));
        assertThat(rows.get(row.id())).isEqualTo(row.at(4));
        rows.forget(row.id());
        assertThat(rows.get(row.id())).isNull();
    }

    @Test
    void whatWasNeverReadOrIsTooLargeIsNotKept() {
        ContainerRow row = row();
        rows.written(row);
        rows.read(row, 16 * 1024 + 1);
        assertThat(rows.get(row.id())).isNull();
    }

    @Test
    void theLeastRecentlyUsedOfManyGoes() {
        ContainerRow used = row();
        rows.read(used, 1);
        ContainerRow unused = row();
        rows.read(unused, 1);
        for (int n = 0; n < 255; n++) {
            rows.read(row(), 1);
            assertThat(rows.get(used.id())).isNotNull();
        }
        assertThat(rows.get(unused.id())).isNull();
    }

    private static ContainerRow row() {
        CreateRequest complete = Samples.complete(Samples.request("", ""), Samples.image());
        return Samples.row(ContainerId.random(), Instant.EPOCH, complete);
    }
}
