package io.longshore.agent.stage.supervisor;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Nested;

/** Every root test of the stage again, with the stage built under the address and undefined behaviour sanitizers. */
class SanitizedRootIT {
    private static final Path OUT = NativeCode.OUT.toAbsolutePath();

    @BeforeAll
    static void build() throws Exception {
        NativeCode.make(NativeCode.BUILD, "sanitized");
    }

    @AfterAll
    static void nothingWasFound() throws IOException {
        List<String> findings = new ArrayList<>();
        try (var files = Files.newDirectoryStream(OUT, "sanitizer.*")) {
            for (Path file : files) {
                findings.add(Files.readString(file));
                Files.delete(file);
            }
        }
        assertThat(findings).isEmpty();
    }

    private static Bench bench() throws IOException {
        return new Bench(OUT.resolve("stage-sanitized"));
    }

    @Nested
    class Stage extends StageRootIT {
        @Override
        Bench newBench() throws IOException {
            return bench();
        }
    }

    @Nested
    class Attach extends AttachRootIT {
        @Override
        Bench newBench() throws IOException {
            return bench();
        }
    }

    @Nested
    class Log extends LogRootIT {
        @Override
        Bench newBench() throws IOException {
            return bench();
        }
    }

    @Nested
    class Supervisor extends SupervisorRootIT {
        @Override
        Bench newBench() throws IOException {
            return bench();
        }
    }
}
