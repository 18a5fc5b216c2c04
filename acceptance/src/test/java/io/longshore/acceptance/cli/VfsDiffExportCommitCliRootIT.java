package io.longshore.acceptance.cli;

import io.longshore.acceptance.running.OnStorageDriver;
import java.util.stream.Stream;

/** The same cases with the storage driver vfs, on both engines. */
@OnStorageDriver("vfs")
class VfsDiffExportCommitCliRootIT extends DiffExportCommitCliRootIT {
    static Stream<Subject> subjects() {
        return Subject.oneForm();
    }
}
