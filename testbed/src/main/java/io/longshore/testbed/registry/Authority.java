package io.longshore.testbed.registry;

import io.longshore.testbed.process.Program;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A certificate authority that nobody knows, made with openssl(1) in a directory. */
public final class Authority {
    private static final String CURVE = "ec_paramgen_curve:prime256v1";

    private final Path directory;

    private Authority(Path directory) {
        this.directory = directory;
    }

    /** Makes one with a certificate for a day. */
    public static Authority make(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Authority made = new Authority(directory);
        made.selfSigned("authority", "Longshore test authority");
        return made;
    }

    /** Its own certificate, by which others know whom it vouches for. */
    public Path certificate() {
        return directory.resolve("authority.crt");
    }

    /** A pair that vouches for itself, as token servers sign with. */
    public DebianRegistry.Identity selfSigned(String name, String subject) {
        DebianRegistry.Identity pair = pair(name);
        Program.run(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        CURVE,
                        "-nodes",
                        "-days",
                        "1",
                        "-subj",
                        "/CN=" + subject,
                        "-keyout",
                        pair.key().toString(),
                        "-out",
                        pair.certificate().toString())
                .ok();
        return pair;
    }

    /** Vouches for a server at an address. */
    public DebianRegistry.Identity issue(String name, String address) {
        DebianRegistry.Identity pair = pair(name);
        Program.run(
                        "openssl",
                        "req",
                        "-x509",
                        "-newkey",
                        "ec",
                        "-pkeyopt",
                        CURVE,
                        "-nodes",
                        "-days",
                        "1",
                        "-subj",
                        "/CN=" + name,
                        "-addext",
                        "subjectAltName=IP:" + address,
                        "-addext",
                        "basicConstraints=critical,CA:FALSE",
                        "-CA",
                        certificate().toString(),
                        "-CAkey",
                        directory.resolve("authority.key").toString(),
                        "-keyout",
                        pair.key().toString(),
                        "-out",
                        pair.certificate().toString())
                .ok();
        return pair;
    }

    private DebianRegistry.Identity pair(String name) {
        return new DebianRegistry.Identity(directory.resolve(name + ".crt"), directory.resolve(name + ".key"));
    }
}
