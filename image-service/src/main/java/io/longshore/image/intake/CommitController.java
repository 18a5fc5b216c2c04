package io.longshore.image.intake;

import io.longshore.contracts.Caller;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.CommittedImage;
import io.longshore.contracts.image.ImageCommit;
import io.longshore.contracts.image.ImageCommitApi;
import io.longshore.oci.ImageReference;
import org.springframework.web.bind.annotation.RestController;

/** Containers that become images. */
@RestController
class CommitController implements ImageCommitApi {
    private final Intake intake;

    CommitController(Intake intake) {
        this.intake = intake;
    }

    @Override
    public CommittedImage commit(Caller caller, ImageCommit commit) {
        Digest id = intake.commit(caller, commit).id();
        ImageReference name = CommittedConfig.of(commit).name();
        return new CommittedImage(id, name == null ? "" : name.familiar());
    }

    @Override
    public void check(Caller caller, ImageCommit commit) {
        CommittedConfig.of(commit);
    }
}
