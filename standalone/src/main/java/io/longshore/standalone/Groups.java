package io.longshore.standalone;

import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.UserPrincipalNotFoundException;

/** System groups by name. */
final class Groups {
    private Groups() {}

    /** Gives the path to the group. */
    static void give(Path path, String group) throws IOException {
        try {
            Files.getFileAttributeView(path, PosixFileAttributeView.class)
                    .setGroup(
                            path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (UserPrincipalNotFoundException e) {
            throw new StartFailure(
                    "this machine has no group \"" + group + "\": ./longshore up makes it, or groupadd --system "
                            + group,
                    e);
        }
    }
}
