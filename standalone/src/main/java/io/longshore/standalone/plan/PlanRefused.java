package io.longshore.standalone.plan;

/** What cannot be planned; the message is for whoever typed it. */
final class PlanRefused extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PlanRefused(String message) {
        super(message);
    }

    String text() {
        return String.valueOf(getMessage());
    }
}
