package io.longshore.platform.identity;

import io.longshore.contracts.error.Failure;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.interfaces.ECPublicKey;
import java.security.spec.ECGenParameterSpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;
import org.bouncycastle.pkcs.PKCS10CertificationRequest;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/**
 * What asks for a certificate (PKCS #10, RFC 2986): a public key, and the proof that whoever asks has the private one. Whom it is for is not
 * taken from it, so that its subject says nothing.
 *
 * @param key on the curve P-256
 */
public record SigningRequest(PublicKey key) {
    private static final String LABEL = "CERTIFICATE REQUEST";
    private static final String SIGNATURE = "SHA256withECDSA";
    private static final String CURVE = "secp256r1";
    private static final int CURVE_BITS = 256;

    /** A new pair of keys. */
    public static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec(CURVE));
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM makes no keys on " + CURVE, e);
        }
    }

    /** Whether a private key is that of a public one. */
    public static boolean isPair(PublicKey open, PrivateKey key) {
        byte[] text = {42};
        try {
            Signature signature = Signature.getInstance(SIGNATURE);
            signature.initSign(key);
            signature.update(text);
            byte[] signed = signature.sign();
            signature.initVerify(open);
            signature.update(text);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** The request of who has these keys, as text (RFC 7468). */
    public static String text(KeyPair keys) {
        try {
            return Pem.block(
                    LABEL,
                    new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=longshore"), keys.getPublic())
                            .build(new JcaContentSignerBuilder(SIGNATURE).build(keys.getPrivate()))
                            .getEncoded());
        } catch (OperatorCreationException | IOException e) {
            throw new IllegalStateException("this JVM does not sign with " + SIGNATURE, e);
        }
    }

    /** Reads a request and checks its proof; {@link Failure.Invalid} says what is wrong with it. */
    public static SigningRequest parse(String text) {
        List<byte[]> blocks = Pem.blocks("the certificate request", text, LABEL);
        if (blocks.size() != 1) {
            throw new Failure.Invalid(
                    "a certificate request has " + blocks.size() + " times \"BEGIN " + LABEL + "\" in it: want one");
        }
        try {
            PKCS10CertificationRequest request = new PKCS10CertificationRequest(blocks.getFirst());
            PublicKey key = KeyFactory.getInstance("EC")
                    .generatePublic(new X509EncodedKeySpec(
                            request.getSubjectPublicKeyInfo().getEncoded()));
            if (!(key instanceof ECPublicKey curve)
                    || curve.getParams().getCurve().getField().getFieldSize() != CURVE_BITS) {
                throw new Failure.Invalid("the key of a certificate request is not on the curve P-256");
            }
            if (!request.isSignatureValid(new JcaContentVerifierProviderBuilder().build(key))) {
                throw new Failure.Invalid("a certificate request is not signed with its key");
            }
            return new SigningRequest(key);
        } catch (Failure e) {
            throw e;
        } catch (IOException
                | GeneralSecurityException
                | OperatorCreationException
                | PKCSException
                | RuntimeException e) {
            // Bouncy Castle throws unchecked exceptions of many kinds at what is no ASN.1, or no signature.
            throw new Failure.Invalid("the certificate request cannot be read (RFC 2986): " + e.getMessage(), e);
        }
    }
}
