package io.longshore.image.store;

import jakarta.persistence.LockModeType;
import java.util.List;
import java.util.Optional;
import org.springframework.data.jpa.repository.Lock;
import org.springframework.data.jpa.repository.Query;
import org.springframework.data.repository.Repository;

/** Images by their keys. */
public interface ImageRepository extends Repository<Image, ImageKey> {
    Image save(Image image);

    void delete(Image image);

    /** Sends what is pending to the database now. */
    void flush();

    Optional<Image> findById(ImageKey key);

    /** The image, even one that was removed, locked against a claim or another removal until the transaction ends. */
    @Lock(LockModeType.PESSIMISTIC_WRITE)
    @Query("select i from Image i where i.key = :key")
    Optional<Image> lock(ImageKey key);

    List<Image> findByKeyProjectAndRemovedAtIsNull(String project);

    /** Images whose id begins so; two are enough to see that it is ambiguous. */
    List<Image> findFirst2ByKeyProjectAndRemovedAtIsNullAndKeyIdStartingWith(String project, String prefix);

    int countByKeyProjectAndRemovedAtIsNull(String project);
}
