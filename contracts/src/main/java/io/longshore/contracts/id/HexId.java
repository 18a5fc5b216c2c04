package io.longshore.contracts.id;

/** The shape that container ids, network ids and the hexadecimal part of digests share. */
final class HexId {
    private HexId() {}

    static boolean isValid(String text) {
        return text.length() == 64 && text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
    }
}
