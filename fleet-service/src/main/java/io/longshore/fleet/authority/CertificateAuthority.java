package io.longshore.fleet.authority;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.platform.file.DurableFile;
import io.longshore.platform.file.PrivateDirectory;
import io.longshore.platform.file.PrivateFile;
import io.longshore.platform.identity.PartIdentity;
import io.longshore.platform.identity.Pem;
import io.longshore.platform.identity.SigningRequest;
import io.longshore.platform.run.StartFailure;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Vouches for nodes and services (RFC 5280): who has its certificate knows whom it vouched for. Immutable. */
public final class CertificateAuthority {
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final X500Name NAME = new X500Name("CN=Longshore fleet");
    private static final Duration OWN_LIFETIME = Duration.ofDays(3_650);
    /** Clocks of machines differ. */
    private static final Duration BACK = Duration.ofMinutes(5);
    /** RFC 5280, 4.1.2.2 wants 20 bytes at most; nobody guesses 16. */
    private static final int SERIAL_BITS = 127;

    private static final SecureRandom RANDOM = new SecureRandom();
    /** keyCertSign in what {@link X509Certificate#getKeyUsage} gives. */
    private static final int SIGNS_CERTIFICATES = 5;

    private final X509Certificate certificate;
    private final PrivateKey key;

    private CertificateAuthority(X509Certificate certificate, PrivateKey key) {
        this.certificate = certificate;
        this.key = key;
    }

    /** Reads one from its two files; a {@link StartFailure} says what is wrong with them. */
    public static CertificateAuthority read(Path certificateFile, Path keyFile) {
        try {
            if (PrivateFile.isOpen(keyFile)) {
                throw new StartFailure("fleet.authority.key-file: others may read or write " + keyFile
                        + ": chmod 600 it, or make another");
            }
            X509Certificate certificate = Pem.certificates(
                            certificateFile.toString(), Files.readString(certificateFile))
                    .getFirst();
            PrivateKey key = Pem.privateKey(keyFile.toString(), Files.readString(keyFile));
            boolean[] usage = certificate.getKeyUsage();
            if (certificate.getBasicConstraints() < 0 || usage == null || !usage[SIGNS_CERTIFICATES]) {
                throw new StartFailure("fleet.authority.certificate-file: " + certificateFile
                        + " is no certificate of an authority (basicConstraints CA, keyUsage keyCertSign)");
            }
            CertificateAuthority read = new CertificateAuthority(certificate, key);
            if (!SigningRequest.isPair(certificate.getPublicKey(), key)) {
                throw new StartFailure("fleet.authority.key-file: " + keyFile + " is not the key of the certificate");
            }
            return read;
        } catch (Failure e) {
            throw new StartFailure("fleet.authority: " + e.text(), e);
        } catch (IOException e) {
            throw new StartFailure("fleet.authority: cannot read " + certificateFile + " and " + keyFile + ": " + e, e);
        }
    }

    /** Makes a new authority, unless its key is there: its key for root alone, in a directory for root alone. */
    public static void makeIfMissing(Path certificateFile, Path keyFile) {
        try {
            if (Files.exists(keyFile, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            Path directory = PrivateDirectory.make(keyFile.resolveSibling(".").normalize());
            DurableFile.syncDirectory(directory.resolve(".."));
            KeyPair keys = SigningRequest.keys();
            CertificateAuthority made = new CertificateAuthority(own(keys, Instant.now()), keys.getPrivate());
            DurableFile.write(certificateFile, Pem.of(List.of(made.certificate)).getBytes(StandardCharsets.US_ASCII));
            // Last: where there is a key there is its certificate.
            DurableFile.write(keyFile, Pem.of(keys.getPrivate()).getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new StartFailure("cannot make the fleet's certificate authority " + keyFile + ": " + e, e);
        }
    }

    private static X509Certificate own(KeyPair keys, Instant now) {
        try {
            JcaX509v3CertificateBuilder builder = builder(NAME, NAME, keys.getPublic(), now, OWN_LIFETIME);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
            builder.addExtension(
                    Extension.subjectKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createSubjectKeyIdentifier(keys.getPublic()));
            return signed(builder, keys.getPrivate());
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this JVM cannot make a certificate", e);
        }
    }

    private static JcaX509v3CertificateBuilder builder(
            X500Name issuer, X500Name name, PublicKey key, Instant now, Duration lifetime) {
        return new JcaX509v3CertificateBuilder(
                issuer,
                new BigInteger(SERIAL_BITS, RANDOM).setBit(0),
                Date.from(now.minus(BACK)),
                Date.from(now.plus(lifetime)),
                name,
                key);
    }

    private static X509Certificate signed(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws OperatorCreationException, GeneralSecurityException {
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
    }

    /** Its own certificate, by which others know whom it vouched for. */
    public X509Certificate certificate() {
        return certificate;
    }

    /** Of its own certificate: SHA-256, 64 hexadecimal digits. */
    public String fingerprint() {
        try {
            return Digest.of(certificate.getEncoded()).hex();
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read cannot be written", e);
        }
    }

    /** A certificate for one end of a connection, either. Not longer than its own. */
    public X509Certificate issue(PartIdentity who, PublicKey holder, Instant now, Duration lifetime) {
        Duration left = Duration.between(now, certificate.getNotAfter().toInstant());
        if (left.isNegative()) {
            throw new Failure.Unavailable("the certificate of the fleet's authority has expired at "
                    + certificate.getNotAfter().toInstant() + ": put another in fleet.authority.certificate-file");
        }
        try {
            // An authority that an operator has brought has a name of its own.
            X500Name issuer =
                    X500Name.getInstance(certificate.getSubjectX500Principal().getEncoded());
            JcaX509v3CertificateBuilder builder = builder(
                    issuer, new X500Name("CN=longshore"), holder, now, lifetime.compareTo(left) < 0 ? lifetime : left);
            builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
            builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
            builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(new KeyPurposeId[] {
                KeyPurposeId.id_kp_clientAuth, KeyPurposeId.id_kp_serverAuth
            }));
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, who.uri())));
            builder.addExtension(
                    Extension.authorityKeyIdentifier,
                    false,
                    new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(certificate));
            return signed(builder, key);
        } catch (IOException | GeneralSecurityException | OperatorCreationException e) {
            throw new IllegalStateException("this JVM cannot make a certificate", e);
        }
    }
}
