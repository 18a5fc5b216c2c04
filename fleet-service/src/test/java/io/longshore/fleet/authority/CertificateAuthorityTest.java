package io.longshore.fleet.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.id.NodeId;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.Pem;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CertificateAuthorityTest {
    private static final PartIdentity SOMEBODY = new PartIdentity.Node(new NodeId("n1"));

    @TempDir
    Path directory;

    private Path certificate(String name) {
        return directory.resolve(name).resolve("ca.crt");
    }

    private Path key(String name) {
        return directory.resolve(name).resolve("ca.key");
    }

    private CertificateAuthority made(String name) {
        CertificateAuthority.makeIfMissing(certificate(name), key(name));
        return CertificateAuthority.read(certificate(name), key(name));
    }

    @Test
    void isMadeOnceAndForRootAlone() throws IOException {
        String fingerprint = made("one").fingerprint();
        assertThat(made("one").fingerprint()).isEqualTo(fingerprint).matches("[0-9a-f]{64}");
        assertThat(made("two").fingerprint()).isNotEqualTo(fingerprint);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key("one"))))
                .isEqualTo("rw-------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("one"))))
                .isEqualTo("rwx------");
    }

    /** The key is written last: what a crash left half made is made anew. */
    @Test
    void oneThatWasHalfMadeIsMadeAnew() throws IOException {
        made("one");
        Files.delete(key("one"));
        assertThat(made("one").fingerprint()).matches("[0-9a-f]{64}");
    }

    /** With the name that its operator gave it: a chain whose names do not fit together is none to the JDK. */
    @Test
    void anOperatorsAuthorityHasAnotherName() throws Exception {
        KeyPair own = SigningRequest.keys();
        X500Name name = new X500Name("CN=Harbour authority,O=Operators");
        Instant now = Instant.now();
        JcaX509v3CertificateBuilder builder = new JcaX509v3CertificateBuilder(
                name,
                BigInteger.TWO,
                Date.from(now.minusSeconds(60)),
                Date.from(now.plusSeconds(600)),
                name,
                own.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign));
        X509Certificate certificate = new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(own.getPrivate())));
        Files.createDirectory(directory.resolve("operators"));
        Files.writeString(certificate("operators"), Pem.of(List.of(certificate)));
        Files.writeString(key("operators"), Pem.of(own.getPrivate()));
        Files.setPosixFilePermissions(key("operators"), PosixFilePermissions.fromString("rw-------"));
        CertificateAuthority authority = CertificateAuthority.read(certificate("operators"), key("operators"));
        X509Certificate issued = authority.issue(SOMEBODY, SigningRequest.keys().getPublic(), now, Duration.ofDays(1));
        assertThat(issued.getIssuerX500Principal()).isEqualTo(certificate.getSubjectX500Principal());
        issued.verify(certificate.getPublicKey());
    }

    @Test
    void vouchesForWhomItIssuedACertificate() throws Exception {
        CertificateAuthority authority = made("one");
        KeyPair keys = SigningRequest.keys();
        Instant now = Instant.now();
        X509Certificate issued = authority.issue(SOMEBODY, keys.getPublic(), now, Duration.ofDays(1));
        issued.verify(authority.certificate().getPublicKey());
        issued.checkValidity();
        assertThat(issued.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(PartIdentity.of(issued)).isEqualTo(SOMEBODY);
        assertThat(issued.getBasicConstraints()).as("no authority").isEqualTo(-1);
        assertThat(issued.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.1");
        assertThat(Duration.between(now, issued.getNotAfter().toInstant()))
                .isBetween(Duration.ofDays(1).minusSeconds(1), Duration.ofDays(1));
        assertThat(Pem.certificates("it", Pem.of(List.of(issued)))).containsExactly(issued);
        assertThatThrownBy(() -> issued.verify(made("two").certificate().getPublicKey()))
                .isInstanceOf(SignatureException.class);
    }

    @Test
    void nothingLastsLongerThanItself() {
        CertificateAuthority authority = made("one");
        Instant end = authority.certificate().getNotAfter().toInstant();
        X509Certificate issued =
                authority.issue(SOMEBODY, SigningRequest.keys().getPublic(), end.minusSeconds(60), Duration.ofDays(30));
        assertThat(issued.getNotAfter().toInstant()).isEqualTo(end);
    }

    @Test
    void filesThatDoNotFitAreRefused() throws IOException {
        made("one");
        made("two");
        refused(certificate("one"), key("two"), "is not the key of the certificate");
        refused(certificate("one"), directory.resolve("none"), "cannot read");
        refused(key("one"), key("one"), "has no \"BEGIN CERTIFICATE\" in it");
        refused(certificate("one"), certificate("one"), "0 times \"BEGIN PRIVATE KEY\"");
        KeyPair keys = SigningRequest.keys();
        X509Certificate issued = CertificateAuthority.read(certificate("one"), key("one"))
                .issue(SOMEBODY, keys.getPublic(), Instant.now(), Duration.ofDays(1));
        Path leaf = Files.writeString(directory.resolve("leaf.crt"), Pem.of(List.of(issued)));
        refused(leaf, key("one"), "is no certificate of an authority");
        Files.setPosixFilePermissions(key("one"), PosixFilePermissions.fromString("rw-r--r--"));
        refused(certificate("one"), key("one"), "others may read");
    }

    private static void refused(Path certificate, Path key, String reason) {
        assertThatThrownBy(() -> CertificateAuthority.read(certificate, key))
                .isInstanceOf(StartFailure.class)
                .hasMessageStartingWith("fleet.authority")
                .hasMessageContaining(reason);
    }
}
