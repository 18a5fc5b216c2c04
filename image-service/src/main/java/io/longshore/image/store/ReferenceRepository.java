package io.longshore.image.store;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.data.repository.Repository;

/** Names by their keys. */
public interface ReferenceRepository extends Repository<Reference, ReferenceKey> {
    Reference save(Reference reference);

    void delete(Reference reference);

    Optional<Reference> findById(ReferenceKey key);

    List<Reference> findByKeyProjectOrderByKeyName(String project);

    List<Reference> findByKeyProjectAndKeyNameIn(String project, Collection<String> names);

    List<Reference> findByKeyProjectAndImageIdOrderByKeyName(String project, String imageId);

    List<Reference> findByKeyProjectAndKeyNameStartingWithOrderByKeyName(String project, String begin);
}
