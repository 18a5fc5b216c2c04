package io.longshore.container.lifecycle;

import io.longshore.container.request.EndpointWishes;
import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.NodeId;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.contracts.network.ClaimedEndpoint;
import io.longshore.contracts.network.EndpointMove;
import io.longshore.contracts.network.KeptEndpoints;
import io.longshore.contracts.network.NetworkApi;
import io.longshore.contracts.network.NetworkClaim;
import io.longshore.contracts.volume.ClaimedVolume;
import io.longshore.contracts.volume.VolumeApi;
import io.longshore.contracts.volume.VolumeClaim;
import io.longshore.contracts.volume.VolumeDiscard;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** What containers hold of other services: taken before a create is answered, given up after a removal. */
@Component
public class Claims {
    private static final Logger LOG = LoggerFactory.getLogger(Claims.class);

    private final ImageApi images;
    private final VolumeApi volumes;
    private final NetworkApi networks;

    Claims(ImageApi images, VolumeApi volumes, NetworkApi networks) {
        this.images = images;
        this.volumes = volumes;
        this.networks = networks;
    }

    /** The image, claimed for the owner. */
    public ClaimedImage image(Caller caller, Owner owner, String reference) {
        return images.claim(caller, new ImageClaim(owner, reference));
    }

    /** Has a node hold the image that the owner has claimed; a failure says why it cannot. */
    public void place(Caller caller, Owner owner, NodeId node) {
        images.place(caller, new ImagePlace(owner, node));
    }

    /** Endpoints in the order of the wishes; one that cannot be, yet or at all, says why: the container may be made, but not start. */
    List<ClaimedEndpoint> endpoints(Caller caller, Owner owner, NodeId node, List<EndpointWishes.Wish> wishes) {
        if (wishes.isEmpty()) {
            return List.of();
        }
        try {
            return networks.claim(
                    caller,
                    new NetworkClaim(
                            owner,
                            node,
                            wishes.stream().map(EndpointWishes.Wish::wanted).toList()));
        } catch (Failure.Conflict e) {
            throw new Failure.Conflict(e.text(), new Elsewhere(e));
        }
    }

    /** The cause of a conflict which may be over when the node is chosen anew. */
    static final class Elsewhere extends RuntimeException {
        private static final long serialVersionUID = 1;

        private Elsewhere(Failure cause) {
            super(cause);
        }
    }

    /** Volumes, made if they are missing. */
    List<ClaimedVolume> volumes(Caller caller, Owner owner, NodeId node, List<VolumeClaim.Wanted> wanted) {
        try {
            return volumes.claim(caller, new VolumeClaim(owner, node, wanted));
        } catch (Failure.Conflict e) {
            throw new Failure.Conflict(e.text(), new Elsewhere(e));
        }
    }

    /** Removes the owner's anonymous volumes. */
    void discardVolumes(Caller caller, Owner owner) {
        volumes.discard(caller, new VolumeDiscard(owner));
    }

    /** Has the endpoints of one generation of a container become those of another one; a failure says why they cannot. */
    public void moveEndpoints(Caller caller, EndpointMove move) {
        networks.move(caller, move);
    }

    /** The owner has endpoints on these networks alone. */
    public void keep(Caller caller, Owner owner, List<String> networkIds) {
        networks.keep(caller, new KeptEndpoints(owner, networkIds));
    }

    /** The endpoint that the owner has there, in one of its networks. */
    public ClaimedEndpoint endpoint(Caller caller, Owner owner, NodeId node, NetworkClaim.Wanted wanted) {
        return networks.claim(caller, new NetworkClaim(owner, node, List.of(wanted)))
                .getFirst();
    }

    /** Gives up the owner's endpoints. */
    void leave(Caller caller, Owner owner) {
        networks.release(caller, List.of(owner));
    }

    /** Gives up everything else. What cannot be reached now is left to the sweep, which finds that the owner is gone. */
    public void release(Caller caller, Owner owner, boolean hasVolumes) {
        List<Owner> owners = List.of(owner);
        attempt("image", owner, () -> images.release(caller, owners));
        attempt("network", owner, () -> networks.release(caller, owners));
        if (hasVolumes) {
            attempt("volume", owner, () -> volumes.release(caller, owners));
        }
    }

    /** The same of an owner whose container lives on as another one, so that no sweep comes by: a failure says that it is to be done again. */
    public void giveUp(Caller caller, Owner owner) {
        images.release(caller, List.of(owner));
        networks.release(caller, List.of(owner));
    }

    private static void attempt(String what, Owner owner, Runnable release) {
        try {
            release.run();
        } catch (Failure e) {
            LOG.warn("{} claim of {} is left to the sweep: {}", what, owner.container(), e.text());
        }
    }
}
