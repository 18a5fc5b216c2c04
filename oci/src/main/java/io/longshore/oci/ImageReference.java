package io.longshore.oci;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image, normalised as Docker does it: {@code busybox} is {@code docker.io/library/busybox}. The grammar is that of the
 * distribution project's references: {@code [domain/]path[:tag][@digest]}.
 *
 * @param domain registry host with an optional port, {@code docker.io} when none was written
 * @param path repository in the registry; {@code library/} is added for docker.io
 * @param tag the tag, if one was written
 * @param digest the digest, if one was written
 */
public record ImageReference(
        String domain,
        String path,
        @Nullable String tag,
        @Nullable Digest digest) {
    /** The tag that an untagged reference means. */
    public static final String DEFAULT_TAG = "latest";

    private static final String DOCKER_IO = "docker.io";
    private static final String LIBRARY = "library/";
    private static final int MAX_PATH = 255;
    /** Longer than any valid reference (domain 255, path 255, tag 128, digest 135), so that the patterns never see more. */
    private static final int MAX_LENGTH = 1024;

    private static final String DOMAIN_PART = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*+(?<=[a-zA-Z0-9]))?";
    private static final Pattern DOMAIN =
            Pattern.compile("(?:" + DOMAIN_PART + "(?:\\." + DOMAIN_PART + ")*+|\\[[a-fA-F0-9:]++\\])(?::[0-9]++)?");
    private static final Pattern PATH = Pattern.compile(
            "[a-z0-9]++(?:(?:\\.|_{1,2}|-++)[a-z0-9]++)*+(?:/[a-z0-9]++(?:(?:\\.|_{1,2}|-++)[a-z0-9]++)*+)*+");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
    private static final Pattern DIGEST =
            Pattern.compile("([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*):([0-9a-fA-F]{32,})");
    private static final Pattern IDENTIFIER = Pattern.compile("[a-f0-9]{64}");

    /** Checks the parts; {@link Failure.Invalid} with Docker's words otherwise. */
    public ImageReference {
        if (path.length() > MAX_PATH) {
            throw new Failure.Invalid("repository name must not be more than " + MAX_PATH + " characters");
        }
        if (!DOMAIN.matcher(domain).matches() || !PATH.matcher(path).matches()) {
            throw invalid();
        }
        if (tag != null && !TAG.matcher(tag).matches()) {
            throw invalid();
        }
    }

    /** Reads and normalises a reference; {@link Failure.Invalid} with Docker's "invalid reference format" when it is none. */
    public static ImageReference parse(String text) {
        if (IDENTIFIER.matcher(text).matches()) {
            throw new Failure.Invalid(
                    "invalid repository name (" + text + "), cannot specify 64-byte hexadecimal strings");
        }
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw invalid();
        }
        int at = text.indexOf('@');
        Digest digest = at < 0 ? null : digest(text.substring(at + 1));
        String named = at < 0 ? text : text.substring(0, at);
        int slash = named.indexOf('/');
        boolean hasDomain = slash >= 0 && isDomain(named.substring(0, slash));
        String domain = hasDomain ? named.substring(0, slash) : DOCKER_IO;
        String rest = hasDomain ? named.substring(slash + 1) : named;
        int colon = rest.indexOf(':');
        String tag = colon < 0 ? null : rest.substring(colon + 1);
        String path = colon < 0 ? rest : rest.substring(0, colon);
        if (!path.equals(path.toLowerCase(Locale.ROOT))) {
            throw new Failure.Invalid("invalid reference format: repository name (" + path + ") must be lowercase");
        }
        if (domain.equals("index.docker.io")) {
            domain = DOCKER_IO;
        }
        if (domain.equals(DOCKER_IO) && path.indexOf('/') < 0) {
            path = LIBRARY + path;
        }
        return new ImageReference(domain, path, tag, digest);
    }

    /** The first component is a registry when it cannot be a path: it has a dot, a colon, an upper-case letter, or is localhost. */
    private static boolean isDomain(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    private static Digest digest(String text) {
        Matcher matcher = DIGEST.matcher(text);
        if (!matcher.matches()) {
            throw invalid();
        }
        if (!matcher.group(1).equals("sha256")) {
            throw new Failure.Invalid("unsupported digest algorithm: " + matcher.group(1));
        }
        if (!IDENTIFIER.matcher(matcher.group(2)).matches()) {
            throw new Failure.Invalid("invalid checksum digest length or format: " + text);
        }
        return Digest.parse(text);
    }

    private static Failure.Invalid invalid() {
        return new Failure.Invalid("invalid reference format");
    }

    /** The same repository with this tag and no digest; {@link Failure.Invalid} when the tag is malformed. */
    public ImageReference withTag(String newTag) {
        return new ImageReference(domain, path, newTag, null);
    }

    /** The same repository with this digest and no tag. */
    public ImageReference withDigest(Digest newDigest) {
        return new ImageReference(domain, path, null, newDigest);
    }

    /** The same reference, tagged {@link #DEFAULT_TAG} when it has neither tag nor digest. */
    public ImageReference withDefaultTag() {
        return tag == null && digest == null ? withTag(DEFAULT_TAG) : this;
    }

    /** The repository in full: {@code docker.io/library/busybox}. */
    public String name() {
        return domain + "/" + path;
    }

    /** The repository as people write it: {@code busybox}. */
    public String familiarName() {
        if (!domain.equals(DOCKER_IO)) {
            return name();
        }
        String rest = path.startsWith(LIBRARY) ? path.substring(LIBRARY.length()) : path;
        return rest.indexOf('/') < 0 ? rest : path;
    }

    /** The whole reference as people write it: {@code busybox:latest}. */
    public String familiar() {
        return familiarName() + suffix();
    }

    private String suffix() {
        return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
    }

    @Override
    public String toString() {
        return name() + suffix();
    }
}
