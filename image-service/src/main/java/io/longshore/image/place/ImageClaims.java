package io.longshore.image.place;

import io.longshore.contracts.Caller;
import io.longshore.contracts.claim.ClaimPage;
import io.longshore.contracts.claim.Owner;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.image.ClaimedImage;
import io.longshore.contracts.image.ImageApi;
import io.longshore.contracts.image.ImageClaim;
import io.longshore.contracts.image.ImagePlace;
import io.longshore.image.registry.SystemRegistry;
import io.longshore.image.store.Claims;
import io.longshore.image.store.ImageName;
import io.longshore.image.store.Images;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.RestController;

/** What other parts ask of this one. */
@RestController
class ImageClaims implements ImageApi {
    private final Claims claims;
    private final Images images;
    private final Placing placing;
    private final SystemRegistry registry;

    ImageClaims(Claims claims, Images images, Placing placing, SystemRegistry registry) {
        this.claims = claims;
        this.images = images;
        this.placing = placing;
        this.registry = registry;
    }

    @Override
    public ClaimedImage claim(Caller caller, ImageClaim claim) {
        return claims.take(caller, claim, registry.address());
    }

    @Override
    public void place(Caller caller, ImagePlace place) {
        placing.place(caller, place);
    }

    @Override
    public void release(Caller caller, List<Owner> owners) {
        claims.release(caller.project(), owners);
    }

    @Override
    public ClaimPage list(Caller caller, @Nullable String after, int limit) {
        return claims.list(caller.project(), after, limit);
    }

    @Override
    public List<Digest> descendants(Caller caller, String image) {
        return images.find(caller.project(), ImageName.parse(image))
                .map(found -> claims.descendants(caller.project(), found.id()))
                .orElse(List.of());
    }

    @Override
    public Map<String, Digest> resolve(Caller caller, Set<String> names) {
        return images.resolve(caller.project(), names);
    }

    @Override
    public int count(Caller caller) {
        return images.count(caller.project());
    }
}
