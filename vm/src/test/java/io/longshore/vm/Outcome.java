package io.longshore.vm;

/**
 * How a test ended in the machine; a line of JSON each in the file that goes from there to here.
 *
 * @param container the class
 * @param test the method, or the class again when all of it failed or was left out
 * @param end how
 * @param reason the trace of a failure, the words of an assumption, else nothing
 * @param millis how long it took there
 */
record Outcome(String container, String test, End end, String reason, long millis) {
    enum End {
        PASSED,
        FAILED,
        SKIPPED
    }
}
