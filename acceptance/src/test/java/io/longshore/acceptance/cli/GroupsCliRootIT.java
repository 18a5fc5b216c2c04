package io.longshore.acceptance.cli;

import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import io.longshore.testbed.image.TarArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The groups of a process beside its own, which may take a right away as well as give one (CVE-2023-25173). */
class GroupsCliRootIT extends CliCases {
    private static final String RUN = "run --rm --network none ";
    private static final byte[] LAYER = new TarArchive()
            .file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000:app:/:/bin/sh\n")
            .file("etc/group", "root:x:0:\napp:x:1000:\nbarred:x:50:other,app\nmore:x:60:app\nother:x:70:other\n")
            .bytes();

    private static final String ALL = "uid=1000(app) gid=1000(app) groups=50(barred),60(more),1000(app)\n";
    private static final String OWN = "uid=1000(app) gid=1000(app) groups=1000(app)\n";

    @BeforeEach
    void loadImages() throws IOException {
        for (String user : List.of("", "app", "1000")) {
            SavedImage image = new SavedImage(
                    List.of("groups:" + (user.isEmpty() ? "root" : user)),
                    Map.of("User", user),
                    List.of(Busybox.layer(), LAYER));
            write("image.tar", image.archive());
            docker.probe("load -i image.tar").ok();
        }
    }

    @AfterEach
    void removeImages() {
        if (docker != null) {
            docker.probe("ps -aq").lines().forEach(container -> docker.probe("rm -f -v " + container));
            docker.probe("rmi -f groups:root groups:app groups:1000");
            docker.probe("volume rm -f data");
        }
    }

    @Test
    void theImageSaysWhoIsAMember() {
        docker.ok(RUN + "--user app groups:root id").prints(ALL);
        docker.ok(RUN + "--user 1000 groups:root id").prints(ALL);
        docker.ok(RUN + "groups:app id").prints(ALL);
        docker.ok(RUN + "groups:1000 id").prints(ALL);
        docker.ok(RUN + "--user app:app groups:root id").prints(OWN);
        docker.ok(RUN + "--user 1000:1000 groups:app id").prints(OWN);
        docker.ok(RUN + "--user app:more groups:root id").prints("uid=1000(app) gid=60(more) groups=60(more)\n");
        docker.ok(RUN + "--user 1234 groups:app id").prints("uid=1234 gid=0(root) groups=0(root)\n");
        docker.ok(RUN + "--group-add 77 --group-add other groups:app id -G").prints("1000 50 60 70 77\n");
        docker.ok(RUN + "groups:1000 grep Groups /proc/self/status").prints("Groups:\t50 60 1000 \n");
        docker.probe("run -d --name box --network none groups:root sleep 600").ok();
        docker.ok("exec --user app box id").prints(ALL);
        docker.ok("exec --user 1000:1000 box id").prints(OWN);
    }

    @Test
    void whoIsInABarredGroupIsBarred() {
        docker.ok(
                "run --rm --network none -v data:/data groups:root sh -c 'echo open > /data/file; chown 0:50 /data/file;"
                        + " chmod 705 /data/file'");
        String read = "-v data:/data groups:root cat /data/file";
        for (String others : List.of("1000:1000", "1234", "app:app", "1000:60")) {
            docker.ok(RUN + "--user " + others + " " + read).prints("open\n");
        }
        for (String members : List.of(
                "app", "1000", "1000:50", "1000:barred", "1000:1000 --group-add 50", "1234 --group-add barred")) {
            docker.run(RUN + "--user " + members + " " + read).exits(1).says("Permission denied");
        }
        docker.run(RUN + "-v data:/data groups:1000 cat /data/file").exits(1).says("Permission denied");
        docker.probe("run -d --name box --network none -v data:/data --group-add 50 groups:root sleep 600")
                .ok();
        docker.run("exec --user app box cat /data/file").exits(1).says("Permission denied");
        docker.ok("exec --user 1000:1000 box id -G");
    }
}
