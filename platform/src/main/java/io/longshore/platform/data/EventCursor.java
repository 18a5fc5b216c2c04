package io.longshore.platform.data;

import io.longshore.contracts.error.Failure;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A place in a service's events: after the row with this transaction and sequence number. Written {@code xid:seq}.
 *
 * @param xid the transaction, an xid8: it never wraps
 * @param seq the sequence number within the schema
 */
record EventCursor(long xid, long seq) implements Comparable<EventCursor> {
    /** Before all events. */
    static final EventCursor START = new EventCursor(0, 0);

    private static final Pattern SYNTAX = Pattern.compile("(\\d{1,18}):(\\d{1,18})");

    static EventCursor parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new Failure.Invalid("event cursor \"" + text + "\" is not of the form transaction:sequence");
        }
        return new EventCursor(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2)));
    }

    @Override
    public int compareTo(EventCursor other) {
        int byXid = Long.compare(xid, other.xid);
        return byXid != 0 ? byXid : Long.compare(seq, other.seq);
    }

    @Override
    public String toString() {
        return xid + ":" + seq;
    }
}
