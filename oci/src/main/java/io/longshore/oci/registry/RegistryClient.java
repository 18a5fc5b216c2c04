package io.longshore.oci.registry;

import io.longshore.contracts.error.Failure;
import io.longshore.contracts.id.Digest;
import io.longshore.contracts.registry.RegistryAccess;
import io.longshore.contracts.registry.RegistryLogin;
import io.longshore.oci.registry.call.Exchange;
import io.longshore.oci.registry.call.RegistryCaller;
import io.longshore.oci.registry.call.RegistryError;
import io.longshore.oci.registry.call.RegistryHost;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;
import org.apache.hc.core5.http.HttpEntity;
import org.jspecify.annotations.Nullable;

/**
 * One repository of a registry. For reading, mirrors of docker.io that are configured are asked before it, and what one of them cannot
 * give comes from the next. Thread-safe; close it to close its connections, which fails what is under way.
 *
 * <p>Failures are {@link RegistryError} for what the registry refuses, {@link RegistryCaller.Unreachable} where it did not answer, and
 * {@code INVALID} for an answer that is not what was asked for.
 */
public final class RegistryClient implements AutoCloseable {
    /** Pages and tags of one repository; the largest on the hub have some ten thousand. */
    private static final int MAX_PAGES = 1000;

    private static final int MAX_TAGS = 50_000;

    private final String path;
    private final List<RegistryCaller> callers;
    private final ReentrantLock lock = new ReentrantLock();
    /** Those that answer, once they have been asked. */
    private final Map<RegistryCaller, Boolean> mirrors = new HashMap<>();

    private @Nullable RegistryCaller reached;

    private RegistryClient(String path, List<RegistryCaller> callers) {
        this.path = path;
        this.callers = callers;
    }

    /**
     * For reading.
     *
     * @param domain of the registry, as in a reference
     * @param path of the repository
     */
    public static RegistryClient reading(
            String domain, String path, RegistryAccess access, @Nullable RegistryLogin login) {
        List<String> scopes = List.of("repository:" + path + ":pull");
        return new RegistryClient(
                path,
                RegistryHost.forReading(domain, access).stream()
                        .map(host -> new RegistryCaller(host, access, login, scopes))
                        .toList());
    }

    /**
     * For writing.
     *
     * @param mountFrom other repositories of the registry that are read for it
     */
    public static RegistryClient writing(
            String domain, String path, RegistryAccess access, @Nullable RegistryLogin login, List<String> mountFrom) {
        List<String> scopes = new ArrayList<>(List.of("repository:" + path + ":pull,push"));
        mountFrom.forEach(from -> scopes.add("repository:" + from + ":pull"));
        return new RegistryClient(
                path,
                RegistryHost.forWriting(domain, access).stream()
                        .map(host -> new RegistryCaller(host, access, login, scopes))
                        .toList());
    }

    /**
     * For deleting.
     *
     * @param path of the repository
     */
    public static RegistryClient deleting(
            String domain, String path, RegistryAccess access, @Nullable RegistryLogin login) {
        List<String> scopes = List.of("repository:" + path + ":pull,delete");
        return new RegistryClient(
                path,
                RegistryHost.forWriting(domain, access).stream()
                        .map(host -> new RegistryCaller(host, access, login, scopes))
                        .toList());
    }

    /**
     * Whether a registry takes a login.
     *
     * @return a token to show instead of the password from now on; empty when the registry gives none
     */
    public static Optional<String> login(String domain, RegistryAccess access, RegistryLogin login) {
        try (RegistryClient client = new RegistryClient(
                "",
                RegistryHost.forWriting(domain, access).stream()
                        .map(host -> new RegistryCaller(host, access, login, List.of()))
                        .toList())) {
            RegistryCaller caller = client.itself();
            caller.call(new Ping());
            return Optional.ofNullable(caller.refreshToken()).filter(token -> !token.isEmpty());
        }
    }

    /** What a tag leads to. */
    public RemoteManifest manifest(String tag) {
        return read(caller -> caller.call(new ManifestPuller(path, tag, null)));
    }

    /** The document with this digest. */
    public RemoteManifest manifest(Digest digest) {
        return read(caller -> caller.call(new ManifestPuller(path, digest.value(), digest)));
    }

    /** The bytes of a blob from an offset on, or from its beginning where the registry cannot do that. */
    public RemoteBlob blob(Digest digest, long offset) {
        return read(caller -> caller.call(new BlobPuller(path, digest, offset)));
    }

    /**
     * A blob whole, for documents: at most this many bytes, in as much time as any other document may take.
     *
     * @return unchecked; longer ones are an {@link RegistryCaller.Unreachable}
     */
    public byte[] document(Digest digest, int most) {
        return read(caller -> caller.call(new BlobReader(path, digest, most)));
    }

    /** All tags of the repository, in the registry's order. */
    public List<String> tags() {
        return read(caller -> {
            Set<String> tags = new LinkedHashSet<>();
            @Nullable TagLister next = TagLister.first(path);
            for (int page = 0; next != null; page++) {
                TagLister.Page found = caller.call(next);
                tags.addAll(found.tags());
                next = found.next() == null ? null : new TagLister(found.next());
                if (page == MAX_PAGES || tags.size() > MAX_TAGS) {
                    throw new Failure.Invalid("repository " + path + " has more than " + MAX_TAGS
                            + " tags, or more than " + MAX_PAGES + " pages of them");
                }
            }
            return List.copyOf(tags);
        });
    }

    /** Whether the repository has a blob. */
    public boolean hasBlob(Digest digest) {
        try {
            return write(new BlobChecker(path, digest));
        } catch (RegistryError e) {
            if (e.status() == 404) {
                return false;
            }
            throw e;
        }
    }

    /** Brings a blob that another repository of the registry has; false when it has not, or may not be read. */
    public boolean mount(Digest digest, String from) {
        try {
            // What was begun instead of a mount ends by itself at the registry.
            return write(new BlobUpload.Start(path, digest, from)).isEmpty();
        } catch (RegistryError e) {
            return false;
        }
    }

    /** Uploads a blob; the body may be sent again when the registry asks who sends it. */
    public void upload(Digest digest, HttpEntity body) {
        Optional<String> location = write(new BlobUpload.Start(path, digest, null));
        if (location.isPresent()) {
            String next = write(new BlobUpload.Chunk(location.get(), body));
            write(new BlobUpload.End(next, digest));
        }
    }

    /** Lets a tag or digest lead to a document. */
    public void putManifest(String reference, String mediaType, byte[] bytes) {
        write(ManifestPusher.of(path, reference, mediaType, bytes));
    }

    /** Deletes the document with this digest, and the tags that lead to it. A {@link RegistryError} when the registry does not delete. */
    public void deleteManifest(Digest digest) {
        write(new ManifestDeleter(path, digest));
    }

    private <T> T write(Exchange<T> exchange) {
        return itself().call(exchange);
    }

    /** From the first mirror that has it; if none does, from the registry itself, which is not asked before. */
    private <T> T read(Function<RegistryCaller, T> reading) {
        for (RegistryCaller mirror : callers) {
            if (mirror.registry().mirror() && answers(mirror)) {
                try {
                    return reading.apply(mirror);
                } catch (Failure e) {
                    // The next one may have it.
                }
            }
        }
        return reading.apply(itself());
    }

    /** Whether a mirror answers; it is asked once, since one that is silent takes its time. */
    private boolean answers(RegistryCaller mirror) {
        lock.lock();
        try {
            return mirrors.computeIfAbsent(mirror, asked -> {
                try {
                    asked.call(new Ping());
                    return true;
                } catch (Failure e) {
                    return false;
                }
            });
        } finally {
            lock.unlock();
        }
    }

    /** The first way to the registry itself by which it answers. */
    private RegistryCaller itself() {
        lock.lock();
        try {
            if (reached == null) {
                reached = reach();
            }
            return reached;
        } finally {
            lock.unlock();
        }
    }

    private RegistryCaller reach() {
        Failure last = null;
        for (RegistryCaller caller : callers) {
            try {
                if (!caller.registry().mirror()) {
                    // What it refuses is told: plain HTTP would be no better.
                    caller.call(new Ping());
                    return caller;
                }
            } catch (RegistryCaller.Unreachable e) {
                last = e;
            }
        }
        throw last == null ? new Failure.Internal("no registry is configured") : last;
    }

    @Override
    public void close() {
        callers.forEach(RegistryCaller::close);
    }
}
