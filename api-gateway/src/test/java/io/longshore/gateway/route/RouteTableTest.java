package io.longshore.gateway.route;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import io.longshore.platform.run.Part;
import org.junit.jupiter.api.Test;

class RouteTableTest {
    private final RouteTable table = new RouteTable();

    @Test
    void namesOfImagesMayHaveSlashesAndIdsOfContainersNot() {
        assertThat(table.find("GET", "/images/a/b/c:1/json"))
                .hasValueSatisfying(route -> assertThat(route)
                        .isInstanceOfSatisfying(
                                Route.Service.class,
                                service -> assertThat(service.part()).isEqualTo(Part.IMAGE)));
        assertThat(table.find("GET", "/containers/a/b/json")).isEmpty();
        assertThat(table.find("DELETE", "/images/a/b")).isPresent();
    }

    @Test
    void longAnswersAndRawOnesHaveTheirWays() {
        assertThat(way("POST", "/containers/x/wait")).isEqualTo(Route.Way.LATE);
        assertThat(way("GET", "/containers/x/logs")).isEqualTo(Route.Way.STREAM);
        assertThat(way("POST", "/containers/x/attach")).isEqualTo(Route.Way.UPGRADE);
        assertThat(way("POST", "/images/load")).isEqualTo(Route.Way.UPLOAD);
        assertThat(way("POST", "/containers/create")).isEqualTo(Route.Way.PLAIN);
    }

    private Route.Way way(String method, String path) {
        return ((Route.Service) table.find(method, path).orElseThrow()).way();
    }

    @Test
    void everyOperationThatIsAbsentSaysWhatWorks() {
        Route.Absent build = (Route.Absent) table.find("POST", "/build").orElseThrow();
        assertThat(build.message()).contains("docker load");
        for (String refused : new String[] {
            "POST /containers/x/pause docker pause",
            "POST /images/a/b/push docker push",
            "POST /commit docker commit",
            "GET /services docker service",
            "POST /volumes/create docker volume"
        }) {
            String[] words = refused.split(" ", 3);
            assertThat(table.find(words[0], words[1]))
                    .hasValueSatisfying(route -> assertThat(route)
                            .isInstanceOfSatisfying(
                                    Route.Absent.class,
                                    absent -> assertThat(absent.message()).contains(words[2])));
        }
        assertThat(table.find("GET", "/plugins/a/b/json"))
                .hasValueSatisfying(route -> assertThat(route).isInstanceOf(Route.Missing.class));
        assertThat(table.find("BREW", "/containers/json")).isEmpty();
    }

    @Test
    void versionsAreComparedAsNumbers() {
        assertThat(ApiVersion.parseServed("1.24")).isEqualTo(ApiVersion.OLDEST);
        assertThat(ApiVersion.parseServed("1.51")).isEqualTo(ApiVersion.NEWEST);
        for (String bad : new String[] {"1.9", "1.100", "2", "0.1", "1..2", "1.2.3", "99999999999.1"}) {
            assertThatThrownBy(() -> ApiVersion.parseServed(bad)).as(bad).isInstanceOf(Failure.Invalid.class);
        }
    }
}
