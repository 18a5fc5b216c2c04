package io.longshore.agent.account;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.agent.linux.jna.JnaSyscalls;
import io.longshore.agent.linux.path.ContainerRoot;
import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What starts, exec sessions and copies make of a container's lists. */
class UserLookupTest {
    @TempDir
    Path directory;

    private Identity find(String user, String... groups) throws IOException {
        Path etc = Files.createDirectories(directory.resolve("etc"));
        Files.writeString(etc.resolve("passwd"), """
                # accounts
                root:x:0:0:root:/root:/bin/sh
                app:x:1000:50::/home/app:
                1000:x:7:8::/odd:
                far:x:4294967295:0::/:
                """);
        Files.writeString(etc.resolve("group"), """
                staff:x:50:
                video:x:44:app,root
                """);
        try (ContainerRoot root = ContainerRoot.open(new JnaSyscalls(), directory.toString())) {
            return UserLookup.find(new JnaSyscalls(), root, user, List.of(groups));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "'', 0, 0, /root",
        "app, 1000, 50, /home/app",
        "app:video, 1000, 44, /home/app",
        "1000, 1000, 50, /home/app",
        "2000, 2000, 0, /",
        "2000:3000, 2000, 3000, /",
    })
    void namesAndNumbers(String user, int uid, int gid, String home) throws IOException {
        Identity who = find(user);
        assertThat(who.uid()).isEqualTo(uid);
        assertThat(who.gid()).isEqualTo(gid);
        assertThat(who.home()).isEqualTo(home);
    }

    @Test
    void groupsThatListTheUserAndThoseAskedFor() throws IOException {
        assertThat(find("app", "12").groups()).containsExactly(50, 12, 44);
    }

    @ParameterizedTest
    @CsvSource({
        "nobody, 'unable to find user nobody: no matching entries in passwd file'",
        "app:nobody, 'unable to find group nobody: no matching entries in group file'",
        "4294967295, 'uids and gids must be in range 0-2147483647, not 4294967295'",
        "far, 'uids and gids must be in range 0-2147483647, not 4294967295'",
    })
    void whoIsNotThereIsNamed(String user, String message) {
        assertThatThrownBy(() -> find(user)).isInstanceOf(Failure.Invalid.class).hasMessage(message);
    }
}
