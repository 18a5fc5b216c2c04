package io.longshore.access;

import io.longshore.contracts.access.Identity;
import jakarta.persistence.Entity;
import jakarta.persistence.GeneratedValue;
import jakarta.persistence.GenerationType;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;

/** A credential and the principal and project that it stands for. */
@Entity
@Table(name = "credential")
class KnownCredential {
    @Id
    @GeneratedValue(strategy = GenerationType.IDENTITY)
    private Long id = 0L;

    @Version
    private int version;

    /** Read by queries. */
    @SuppressWarnings("unused")
    private String kind = "";
    /** Read by queries. */
    @SuppressWarnings("unused")
    private String shown = "";

    private String principal = "";
    private String project = "";

    /** For JPA. */
    protected KnownCredential() {}

    Identity identity() {
        return new Identity(principal, project);
    }
}
