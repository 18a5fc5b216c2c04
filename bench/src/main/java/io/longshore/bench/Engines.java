package io.longshore.bench;

import io.longshore.testbed.engine.DockerEngine;
import io.longshore.testbed.engine.Engine;
import io.longshore.testbed.engine.Standalone;
import io.longshore.testbed.http.Request;
import io.longshore.testbed.image.Busybox;
import io.longshore.testbed.image.SavedImage;
import java.io.IOException;
import java.util.List;

/** The two that are measured beside each other. */
record Engines(DockerEngine docker, Standalone longshore) {
    /** Both have the image busybox from then on. */
    static Engines withImage(DockerEngine docker, Standalone longshore) throws IOException {
        Engines engines = new Engines(docker, longshore);
        engines.load(Busybox.image());
        return engines;
    }

    void load(SavedImage image) throws IOException {
        byte[] archive = image.archive();
        for (Engine engine : List.of(docker, longshore)) {
            engine.call(Request.postTar("/images/load?quiet=1", archive)).expect(200);
            engine.call(Request.get("/images/" + image.tags().getFirst() + "/json"))
                    .expect(200);
        }
    }

    /** A round of each that is not counted: what is compared is daemons that have run for a while. */
    void warmUp(Workload theirs, Workload ours) throws IOException {
        theirs.round(docker);
        ours.round(longshore);
    }

    /** So many rounds of each, in turn; Docker Engine's samples, then Longshore's. */
    Samples[] alternate(int rounds, Workload theirs, Workload ours) throws IOException {
        Samples[] samples = {new Samples(), new Samples()};
        for (int round = 0; round < rounds; round++) {
            samples[0].addAll(theirs.round(docker));
            samples[1].addAll(ours.round(longshore));
        }
        return samples;
    }
}
