package io.longshore.standalone.migrate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MigrateOptionsTest {
    @TempDir
    Path directory;

    private String password(String text) throws IOException {
        return Files.writeString(directory.resolve("password"), text).toString();
    }

    @Test
    void urlIsTheDriversWithItsParameters() throws IOException {
        MigrateOptions options = MigrateOptions.parse(List.of(
                "--to=postgresql://db.example:5433/longshore?sslmode=verify-full&sslrootcert=/etc/ca.pem",
                "--user",
                "dba",
                "--password-file",
                password("s3cret=ü\n\n")));
        assertThat(options.to().jdbc())
                .isEqualTo("jdbc:postgresql://db.example:5433/longshore?sslmode=verify-full&sslrootcert=/etc/ca.pem");
        assertThat(options.where()).isEqualTo("postgresql://db.example:5433/longshore");
        assertThat(options.password()).isEqualTo("s3cret=ü");
        assertThat(options.toString()).doesNotContain("s3cret");
        assertThat(ServerUrl.parse("jdbc:postgresql://a:1,b:2/d?targetServerType=primary")
                        .jdbc())
                .isEqualTo("jdbc:postgresql://a:1,b:2/d?targetServerType=primary");
        assertThat(ServerUrl.parse("postgresql://[::1]:5432/d").toString()).isEqualTo("postgresql://[::1]:5432/d");
    }

    @ParameterizedTest
    @CsvSource({
        "mysql://h/d, is not of the form postgresql://HOST:PORT/DATABASE",
        "postgresql://h, is not of the form",
        "postgresql://h/, is not of the form",
        "postgresql://h:99999/d, is not of the form",
        "postgresql://me:secret@h/d, user and password are no part of",
        "postgresql://h/d?password=secret, the parameter password is Longshore's to set",
        "postgresql://h/d?ssl=true&currentSchema=x, the parameter currentSchema is Longshore's to set"
    })
    void otherUrlsAreRefused(String url, String reason) {
        assertThatThrownBy(() -> ServerUrl.parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason)
                .hasMessageNotContaining("secret");
    }

    @Test
    void eachMissingPartIsNamed() throws IOException {
        String file = password("\n");
        refused("--to is missing", "--user", "a");
        refused("--user is missing", "--to", "postgresql://h/d");
        refused("--password-file is missing", "--to", "postgresql://h/d", "--user", "a");
        refused("unknown argument --replace", "--replace");
        refused("--to needs a value", "--to");
        refused("is empty", "--to", "postgresql://h/d", "--user", "a", "--password-file", file);
        refused("cannot read /none", "--to", "postgresql://h/d", "--user", "a", "--password-file", "/none");
    }

    private static void refused(String reason, String... arguments) {
        assertThatThrownBy(() -> MigrateOptions.parse(List.of(arguments)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("migrate-db: ")
                .hasMessageContaining(reason);
    }
}
