package io.longshore.container.name;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CrowdingTest {
    private final Crowding crowding = new Crowding();

    @Test
    void namesOfAnEmptyProjectHaveNoNumber() {
        assertThat(crowding.firstAttempt("default")).isZero();
        crowding.taken("other", 0);
        assertThat(crowding.firstAttempt("default")).isZero();
        assertThat(crowding.firstAttempt("other")).isEqualTo(1);
    }

    @Test
    void whereNamesAreTakenTheNextOnesAreLongerForAWhile() {
        crowding.taken("default", 1);
        assertThat(crowding.firstAttempt("default")).isEqualTo(2);
        int names = 1;
        while (crowding.firstAttempt("default") > 0) {
            names++;
        }
        assertThat(names).isEqualTo(127);
    }

    /** With more containers than there are names without a number. */
    @Test
    void fewNamesAreTriedInVain() {
        Random random = new Random(20);
        Set<String> used = new HashSet<>();
        int vain = 0;
        for (int n = 0; n < 20_000; n++) {
            for (int attempt = crowding.firstAttempt("default"); ; attempt++) {
                if (used.add(RandomNames.next(random, attempt))) {
                    break;
                }
                crowding.taken("default", attempt);
                vain++;
            }
        }
        assertThat(vain).isLessThan(1_000);
    }
}
