package io.longshore.fleet.join;

import io.longshore.contracts.fleet.NodeSpec;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.id.NodeId;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Repository;

/** The tables {@code join_token}, {@code identity} and {@code certificate}. */
@Repository
class JoinStore {
    private static final String TOKEN =
            "select id, hash, created, created_by, expires, uses_left from join_token where expires > :now";

    private final JdbcClient jdbc;

    JoinStore(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Who has joined.
     *
     * @param token by whose id it was let in
     */
    record Identity(NodeId id, String name, String token) {}

    void insert(JoinTokenRow token) {
        jdbc.sql("insert into join_token (id, hash, created, created_by, expires, uses_left)"
                        + " values (:id, :hash, :created, :createdBy, :expires, :usesLeft)")
                .param("id", token.id())
                .param("hash", token.hash().value())
                .param("created", Timestamp.from(token.created()))
                .param("createdBy", token.createdBy())
                .param("expires", Timestamp.from(token.expires()))
                .param("usesLeft", token.usesLeft())
                .update();
    }

    /** Those that have not expired, the oldest first. */
    List<JoinTokenRow> tokens(Instant now) {
        return jdbc.sql(TOKEN + " order by created, id")
                .param("now", Timestamp.from(now))
                .query(JoinStore::token)
                .list();
    }

    /** Also one that has expired. In the caller's transaction, to whose end nobody else uses it. */
    Optional<JoinTokenRow> locked(String id) {
        return jdbc.sql("select id, hash, created, created_by, expires, uses_left from join_token where id = :id"
                        + " for update")
                .param("id", id)
                .query(JoinStore::token)
                .optional();
    }

    private static JoinTokenRow token(ResultSet row, int index) throws SQLException {
        return new JoinTokenRow(
                row.getString("id"),
                Digest.parse(row.getString("hash")),
                row.getTimestamp("created").toInstant(),
                row.getString("created_by"),
                row.getTimestamp("expires").toInstant(),
                row.getObject("uses_left", Integer.class));
    }

    /** One use less, if its uses are counted. */
    void use(String id) {
        jdbc.sql("update join_token set uses_left = uses_left - 1 where id = :id")
                .param("id", id)
                .update();
    }

    /** False when there is none. */
    boolean delete(String id) {
        return jdbc.sql("delete from join_token where id = :id").param("id", id).update() == 1;
    }

    void deleteExpiredTokens(Instant before) {
        jdbc.sql("delete from join_token where expires < :before")
                .param("before", Timestamp.from(before))
                .update();
    }

    void deleteExpiredCertificates(Instant before) {
        jdbc.sql("delete from certificate where not_after < :before")
                .param("before", Timestamp.from(before))
                .update();
    }

    /** Who has joined with a public key. */
    Optional<Identity> byKey(Digest key) {
        return jdbc.sql("select id, name, token from identity where key = :key")
                .param("key", key.value())
                .query((row, index) ->
                        new Identity(new NodeId(row.getString("id")), row.getString("name"), row.getString("token")))
                .optional();
    }

    /** False when a node has that name, whether it joined with a token or was there before. */
    boolean insert(Identity identity, Digest key, Instant joined) {
        return jdbc.sql("insert into identity (id, name, key, token, joined)"
                                + " select :id, :name, :key, :token, :joined"
                                + " where not exists (select 1 from node where name = :name)"
                                + " on conflict do nothing")
                        .param("id", identity.id().value())
                        .param("name", identity.name())
                        .param("key", key.value())
                        .param("token", identity.token())
                        .param("joined", Timestamp.from(joined))
                        .update()
                == 1;
    }

    Optional<String> nameOf(NodeId node) {
        return jdbc.sql("select name from identity where id = :id")
                .param("id", node.value())
                .query((row, index) -> row.getString("name"))
                .optional();
    }

    /** As above. In the caller's transaction, to whose end it is not removed. */
    Optional<String> lockedNameOf(NodeId node) {
        return jdbc.sql("select name from identity where id = :id for share")
                .param("id", node.value())
                .query((row, index) -> row.getString("name"))
                .optional();
    }

    /** In the caller's transaction, to whose end no other one decides who has this name. */
    void lockName(String name) {
        // Of both tables in which a name may be: no unique index holds across them.
        jdbc.sql("select pg_advisory_xact_lock(hashtextextended('name of a node: ' || :name, 0))")
                .param("name", name)
                .query((row, index) -> index)
                .list();
    }

    Optional<NodeId> named(String name) {
        return jdbc.sql("select id from identity where name = :name")
                .param("name", name)
                .query((row, index) -> new NodeId(row.getString("id")))
                .optional();
    }

    /** By its name or id. */
    Optional<NodeId> joined(String reference) {
        return jdbc.sql("select id from identity where id = :reference or name = :reference order by id limit 1")
                .param("reference", reference)
                .query((row, index) -> new NodeId(row.getString("id")))
                .optional();
    }

    /**
     * SHA-256 of the public key with which a node has joined; none if it has not, or was removed. In the caller's transaction, to whose end
     * it is not removed.
     */
    Optional<Digest> lockedKey(NodeId node) {
        return jdbc.sql("select key from identity where id = :id for update")
                .param("id", node.value())
                .query((row, index) -> Digest.parse(row.getString("key")))
                .optional();
    }

    /** Of those that have not expired: their serial numbers. */
    List<String> revoked(Instant now) {
        return jdbc.sql("select serial from certificate where revoked is not null and not_after > :now")
                .param("now", Timestamp.from(now))
                .query((row, index) -> row.getString("serial"))
                .list();
    }

    /** Whether anything that was issued to somebody is revoked. */
    boolean hasRevoked(String subject) {
        return jdbc.sql("select exists (select 1 from certificate where subject = :subject and revoked is not null)")
                .param("subject", subject)
                .query((row, index) -> row.getBoolean(1))
                .single();
    }

    /** A node is not of the fleet any more: what was issued to it is revoked, its name is free. */
    void delete(NodeId node, String subject, Instant now) {
        // First, since a renewal that is under way holds it: what that issues is revoked, too.
        jdbc.sql("delete from identity where id = :id")
                .param("id", node.value())
                .update();
        jdbc.sql("update certificate set revoked = :now where subject = :subject and revoked is null")
                .param("now", Timestamp.from(now))
                .param("subject", subject)
                .update();
    }

    /** What the operator who has it join wants of it. */
    void want(NodeId node, NodeSpec.Availability availability, Instant now) {
        jdbc.sql("insert into node_spec (id, version, availability, labels, updated)"
                        + " values (:id, 1, :availability, '{}', :now) on conflict do nothing")
                .param("id", node.value())
                .param("availability", availability.name().toLowerCase(Locale.ROOT))
                .param("now", Timestamp.from(now))
                .update();
    }

    void insertCertificate(String serial, String subject, Instant notAfter) {
        jdbc.sql("insert into certificate (serial, subject, not_after) values (:serial, :subject, :notAfter)")
                .param("serial", serial)
                .param("subject", subject)
                .param("notAfter", Timestamp.from(notAfter))
                .update();
    }
}
