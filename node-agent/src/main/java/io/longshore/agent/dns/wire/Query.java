package io.longshore.agent.dns.wire;

import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Record;

/** A query that a client sent: one question in a message that holds together. */
public final class Query {
    /** What a client that says nothing takes by UDP (RFC 1035, 4.2.1). */
    private static final int PLAIN_LIMIT = 512;

    private static final int MESSAGE_LIMIT = 65_535;

    private final byte[] wire;
    private final Message message;
    private final Record question;
    private final int questionEnd;
    private final int limit;

    /**
     * @param wire the message as it came
     * @param message the same, parsed
     * @param question its one question
     * @param questionEnd where in {@code wire} the question ends
     * @param tcp whether an answer may be as large as a message can be
     */
    Query(byte[] wire, Message message, Record question, int questionEnd, boolean tcp) {
        this.wire = wire;
        this.message = message;
        this.question = question;
        this.questionEnd = questionEnd;
        OPTRecord edns = message.getOPT();
        int udp = edns == null ? PLAIN_LIMIT : Math.max(PLAIN_LIMIT, edns.getPayloadSize());
        limit = tcp ? MESSAGE_LIMIT : udp;
    }

    /** What is asked for. */
    public Record question() {
        return question;
    }

    byte[] wire() {
        return wire;
    }

    int questionEnd() {
        return questionEnd;
    }

    /** Bytes that an answer may have. */
    int limit() {
        return limit;
    }

    Header header() {
        return message.getHeader();
    }

    @Nullable
    OPTRecord edns() {
        return message.getOPT();
    }
}
