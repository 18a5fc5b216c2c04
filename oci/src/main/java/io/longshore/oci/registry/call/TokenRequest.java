package io.longshore.oci.registry.call;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.longshore.contracts.error.Failure;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.manifest.ImageJson;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.hc.client5.http.classic.methods.HttpGet;
import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.classic.methods.HttpUriRequestBase;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.jspecify.annotations.Nullable;

/**
 * GET or POST of a token at the realm that a registry names (distribution project, Token Authentication Specification, and OAuth 2 for an
 * identity token).
 *
 * @param realm checked: no other scheme than the registry's own or https, no credentials in it
 */
record TokenRequest(URI realm, String service, List<String> scopes) {
    /** Tokens with many groups in them reach tens of kilobytes. */
    static final int MAX_BYTES = 1 << 20;

    private static final String CLIENT = "longshore";

    /** The answer; both names are in use for the token. */
    record Token(
            @Nullable String token,
            @JsonProperty("access_token") @Nullable String accessToken,
            @JsonProperty("refresh_token") @Nullable String refreshToken) {
        static Token parse(byte[] body) {
            return ImageJson.read("answer of the token server", body, Token.class);
        }

        String value() {
            String value = accessToken == null || accessToken.isEmpty() ? token : accessToken;
            if (value == null || value.isEmpty() || value.chars().anyMatch(c -> c <= ' ' || c > '~')) {
                throw new Failure.Internal("authorization server did not include a token in the response");
            }
            return value;
        }
    }

    /** As a Bearer challenge of the registry asks for. */
    static TokenRequest of(Challenge challenge, RegistryHost registry, List<String> scopes) {
        List<String> all = new ArrayList<>(scopes);
        String asked = challenge.parameter("scope");
        if (!asked.isEmpty() && !all.contains(asked) && scopes.isEmpty()) {
            all.add(asked);
        }
        return new TokenRequest(realm(challenge.parameter("realm"), registry), challenge.parameter("service"), all);
    }

    private static URI realm(String text, RegistryHost registry) {
        try {
            URI realm = new URI(text);
            String scheme = String.valueOf(realm.getScheme());
            boolean known = scheme.equals("https")
                    || (scheme.equals("http") && registry.scheme().equals("http"));
            if (known && realm.getHost() != null && realm.getUserInfo() == null && realm.getFragment() == null) {
                return realm;
            }
        } catch (URISyntaxException e) {
            // Told below.
        }
        throw new Failure.Internal("registry " + registry.name() + " names a token server that is refused: \""
                + RegistryError.printable(text) + "\"; it must be an https URL");
    }

    HttpUriRequestBase request(@Nullable RegistryLogin login) {
        if (login != null && login.identityToken() != null) {
            HttpPost post = new HttpPost(realm);
            String form = "grant_type=refresh_token&client_id=" + CLIENT + "&service=" + encoded(service) + "&scope="
                    + encoded(String.join(" ", scopes)) + "&refresh_token=" + encoded(login.identityToken());
            post.setEntity(new StringEntity(form, ContentType.APPLICATION_FORM_URLENCODED));
            return post;
        }
        StringBuilder url = new StringBuilder(realm.toString());
        char next = realm.getRawQuery() == null ? '?' : '&';
        url.append(next).append("service=").append(encoded(service));
        scopes.forEach(scope -> url.append("&scope=").append(encoded(scope)));
        if (login != null && login.username() != null) {
            url.append("&account=").append(encoded(login.username()));
            url.append("&client_id=" + CLIENT);
            url.append(scopes.isEmpty() ? "&offline_token=true" : "");
        }
        HttpGet get = new HttpGet(URI.create(url.toString()));
        if (login != null && login.username() != null) {
            get.setHeader("Authorization", Authorization.basic(login));
        }
        return get;
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
