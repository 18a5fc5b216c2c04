package io.longshore.oci.registry.call;

import io.longshore.contracts.error.ErrorKind;
import io.longshore.contracts.error.Failure;
import io.longshore.oci.manifest.ImageJson;
import java.util.Locale;
import tools.jackson.databind.JsonNode;

/** A refusal of a registry (OCI distribution spec, Error Codes), in the words of Docker Engine. */
public final class RegistryError extends Failure.Internal {
    /** Longest message that is passed on: it is shown in terminals. */
    private static final int MAX_MESSAGE = 512;

    private final String code;
    private final int status;

    RegistryError(int status, String code, String message) {
        super(message);
        this.status = status;
        this.code = code;
    }

    /** The spec's code, such as {@code MANIFEST_UNKNOWN}; what its status means where the registry gives none. */
    public String code() {
        return code;
    }

    /** The status of the answer. */
    public int status() {
        return status;
    }

    /** Of a login: whether it is refused. A token server says 400 where it does not take a token (RFC 6749, 5.2). */
    public boolean refusesLogin() {
        return status == 400 || status == 401 || status == 403;
    }

    /** The kind that a client of a registry would have given it. */
    public ErrorKind means() {
        return switch (code) {
            case "MANIFEST_UNKNOWN", "NAME_UNKNOWN", "BLOB_UNKNOWN" -> ErrorKind.NOT_FOUND;
            case "UNAUTHORIZED" -> ErrorKind.UNAUTHENTICATED;
            case "DENIED" -> ErrorKind.FORBIDDEN;
            default -> ErrorKind.INTERNAL;
        };
    }

    /** Reads what a registry answered. */
    static RegistryError of(int status, byte[] body) {
        try {
            JsonNode first =
                    ImageJson.tree("error of the registry", body).path("errors").path(0);
            String code = first.path("code").asString("");
            if (code.matches("[A-Z_]{1,64}")) {
                String message = printable(first.path("message").asString(""));
                return new RegistryError(
                        status, code, words(code) + ": " + (message.isEmpty() ? words(code) : message));
            }
        } catch (Failure e) {
            // No document of the spec: the status says what there is to say.
        }
        String code = code(status);
        return code.isEmpty()
                ? new RegistryError(status, "UNKNOWN", "received unexpected HTTP status: " + status)
                : new RegistryError(status, code, words(code) + ": " + meaning(code));
    }

    private static String code(int status) {
        return switch (status) {
            case 401 -> "UNAUTHORIZED";
            case 403 -> "DENIED";
            case 404 -> "MANIFEST_UNKNOWN";
            case 429 -> "TOOMANYREQUESTS";
            default -> "";
        };
    }

    private static String meaning(String code) {
        return switch (code) {
            case "UNAUTHORIZED" -> "authentication required";
            case "DENIED" -> "requested access to the resource is denied";
            case "MANIFEST_UNKNOWN" -> "manifest unknown";
            default -> "too many requests";
        };
    }

    private static String words(String code) {
        return code.toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** Without control characters, which could move a terminal's cursor. */
    static String printable(String text) {
        String cut = text.length() > MAX_MESSAGE ? text.substring(0, MAX_MESSAGE) + "..." : text;
        return cut.replaceAll("\\p{Cntrl}", " ");
    }
}
