package io.longshore.platform.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.longshore.contracts.error.Failure;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.ECGenParameterSpec;
import java.util.Arrays;
import java.util.Base64;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SigningRequestTest {
    private static String request(PublicKey key, PrivateKey signer, String signature) throws Exception {
        return Pem.block(
                "CERTIFICATE REQUEST",
                new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=x"), key)
                        .build(new JcaContentSignerBuilder(signature).build(signer))
                        .getEncoded());
    }

    @Test
    void theKeyOfWhoAsksIsRead() {
        KeyPair keys = SigningRequest.keys();
        assertThat(SigningRequest.parse(SigningRequest.text(keys)).key()).isEqualTo(keys.getPublic());
    }

    @Test
    void nobodyAsksForAnothersKey() throws Exception {
        String stolen =
                request(SigningRequest.keys().getPublic(), SigningRequest.keys().getPrivate(), "SHA256withECDSA");
        assertThatThrownBy(() -> SigningRequest.parse(stolen))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessage("a certificate request is not signed with its key");
    }

    @Test
    void otherKindsOfKeysAreRefused() throws Exception {
        KeyPair rsa = KeyPairGenerator.getInstance("RSA").generateKeyPair();
        assertThatThrownBy(() -> SigningRequest.parse(request(rsa.getPublic(), rsa.getPrivate(), "SHA256withRSA")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("certificate request");
        KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp384r1"));
        KeyPair longer = generator.generateKeyPair();
        assertThatThrownBy(
                        () -> SigningRequest.parse(request(longer.getPublic(), longer.getPrivate(), "SHA384withECDSA")))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("P-256");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "a request",
                "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n",
                "-----BEGIN CERTIFICATE REQUEST-----\nAAAA\n-----END CERTIFICATE REQUEST-----\n",
                "-----BEGIN CERTIFICATE REQUEST-----\nA===\n-----END CERTIFICATE REQUEST-----\n",
            })
    void whatIsNoneIsRefused(String text) {
        assertThatThrownBy(() -> SigningRequest.parse(text)).isInstanceOf(Failure.Invalid.class);
    }

    /** Whatever is cut off or changed, it is a failure that says so, or it is somewhere that says nothing: no other key is read. */
    @Test
    void noCutAndNoChangedByteMakesAnotherKey() {
        KeyPair keys = SigningRequest.keys();
        byte[] der = Pem.blocks("it", SigningRequest.text(keys), "CERTIFICATE REQUEST")
                .getFirst();
        int refused = 0;
        for (int at = 0; at < der.length; at++) {
            byte[] changed = der.clone();
            changed[at] ^= 0x41;
            for (byte[] each : new byte[][] {Arrays.copyOf(der, at), changed}) {
                String text = "-----BEGIN CERTIFICATE REQUEST-----\n"
                        + Base64.getEncoder().encodeToString(each) + "\n-----END CERTIFICATE REQUEST-----\n";
                try {
                    assertThat(SigningRequest.parse(text).key())
                            .as("byte %d", at)
                            .isEqualTo(keys.getPublic());
                } catch (Failure.Invalid e) {
                    refused++;
                }
            }
        }
        assertThat(refused).isBetween(2 * der.length - 8, 2 * der.length);
        String huge = "x".repeat(100_000);
        assertThatThrownBy(() -> SigningRequest.parse(huge))
                .isInstanceOf(Failure.Invalid.class)
                .hasMessageContaining("more than 65536");
    }
}
