package io.longshore.agent.volumedriver.plugin;

/** Words of a plugin on their way to a person: not too many of them, and nothing that a terminal would act on. */
final class PluginText {
    /** Of a message. */
    static final int LONGEST = 1_000;

    private PluginText() {}

    static String of(String text) {
        return of(text, LONGEST);
    }

    static String of(String text, int longest) {
        String part = text.length() > longest ? text.substring(0, longest) + "..." : text;
        StringBuilder shown = new StringBuilder();
        part.codePoints().map(PluginText::harmless).forEach(shown::appendCodePoint);
        return shown.toString();
    }

    private static int harmless(int point) {
        return switch (Character.getType(point)) {
            case Character.CONTROL, Character.FORMAT, Character.SURROGATE, Character.UNASSIGNED -> '?';
            default -> point;
        };
    }
}
