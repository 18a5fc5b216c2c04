package io.longshore.acceptance.crash.load;

import static org.assertj.core.api.Assertions.assertThat;

/** What a load knows of a thing that it makes and removes when a crash cuts it off. */
enum Known {
    ABSENT,
    COMING,
    THERE,
    GOING;

    /** Checks what is known, and gives what is known now that it has been looked for. */
    Known found(boolean there, String what) {
        if (this == THERE || this == ABSENT) {
            assertThat(there).as(what).isEqualTo(this == THERE);
        }
        return there ? THERE : ABSENT;
    }
}
