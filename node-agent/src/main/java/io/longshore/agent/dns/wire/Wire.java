package io.longshore.agent.dns.wire;

import java.io.IOException;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Header;
import org.xbill.DNS.Message;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;

/** DNS messages as bytes (RFC 1035 section 4, EDNS: RFC 6891). What comes from a socket is hostile. Stateless. */
public final class Wire {
    static final int HEADER = 12;

    /** Queries are far smaller; who sends more has no question. */
    public static final int MAX_QUERY = 4096;

    /** What we say we take by UDP. Nothing is fragmented on loopback. */
    private static final int OWN_UDP_LIMIT = 4096;

    private static final int MAX_LABEL = 63;
    private static final int QR = 0x80;
    private static final int RD = 0x01;
    private static final int RA = 0x80;
    private static final int OPCODE = 0x78;
    private static final int RCODE = 0x0f;

    /** What a message from a client comes to: a query, a reply that refuses it, or, with neither, silence. */
    public static final class Received {
        private static final Received SILENCE = new Received(null, null);

        private final @Nullable Query query;
        private final byte @Nullable [] refusal;

        private Received(@Nullable Query query, byte @Nullable [] refusal) {
            this.query = query;
            this.refusal = refusal;
        }

        public @Nullable Query query() {
            return query;
        }

        public byte @Nullable [] refusal() {
            return refusal;
        }
    }

    private Wire() {}

    /**
     * Takes a message from a client apart.
     *
     * @param tcp how it came
     */
    public static Received receive(byte[] wire, boolean tcp) {
        if (wire.length < HEADER || (wire[2] & QR) != 0) {
            // An answer to an answer could go in circles.
            return Received.SILENCE;
        }
        if ((wire[2] & OPCODE) != 0) {
            return new Received(null, refusal(wire, Rcode.NOTIMP));
        }
        int end = questionEnd(wire);
        if (wire.length > MAX_QUERY || unsigned16(wire, 4) != 1 || end < 0) {
            return new Received(null, refusal(wire, Rcode.FORMERR));
        }
        try {
            Message message = new Message(wire);
            Record question = message.getQuestion();
            if (question == null) {
                return new Received(null, refusal(wire, Rcode.FORMERR));
            }
            Query query = new Query(wire, message, question, end, tcp);
            OPTRecord edns = query.edns();
            return edns != null && edns.getVersion() != 0
                    ? new Received(null, error(query, Rcode.BADVERS))
                    : new Received(query, null);
        } catch (IOException | RuntimeException e) {
            return new Received(null, refusal(wire, Rcode.FORMERR));
        }
    }

    /** The answer with these records, or with as many as fit and the flag that says so. */
    public static byte[] answer(Query query, List<Record> records) {
        byte[] whole = encode(query, Rcode.NOERROR, records, false);
        if (whole.length <= query.limit()) {
            return whole;
        }
        // All of a name's records are of one size, but for what compression saves in the first.
        int bare = encode(query, Rcode.NOERROR, List.of(), true).length;
        int each = Math.ceilDiv(whole.length - bare, records.size());
        int fitting = Math.max(0, query.limit() - bare) / each;
        return encode(query, Rcode.NOERROR, records.subList(0, fitting), true);
    }

    /** An answer without records, with an error of {@link Rcode}. */
    public static byte[] error(Query query, int rcode) {
        return encode(query, rcode, List.of(), false);
    }

    /** A query for another server: the client's, extensions and all, under an id that only we know. */
    public static byte[] renumbered(Query query, int id) {
        return renumbered(query.wire(), id);
    }

    private static byte[] renumbered(byte[] message, int id) {
        byte[] copy = message.clone();
        copy[0] = (byte) (id >> 8);
        copy[1] = (byte) id;
        return copy;
    }

    /** Whether the message answers the query that was sent under this id: same id, same question. */
    public static boolean answers(byte[] reply, Query query, int id) {
        if (reply.length < HEADER || unsigned16(reply, 0) != id || (reply[2] & QR) == 0) {
            return false;
        }
        if (unsigned16(reply, 4) == 0) {
            // Servers that do not understand the query leave the question out.
            return rcode(reply) != Rcode.NOERROR && rcode(reply) != Rcode.NXDOMAIN;
        }
        return unsigned16(reply, 4) == 1 && reply.length >= query.questionEnd() && sameQuestion(reply, query);
    }

    /** The error in an answer, of {@link Rcode}; 0 is none. */
    public static int rcode(byte[] reply) {
        return reply[3] & RCODE;
    }

    /** Another server's answer under the client's id; without its records and with the flag that says so, if the client takes no more. */
    public static byte[] relayed(byte[] reply, Query query) {
        int id = unsigned16(query.wire(), 0);
        if (unsigned16(reply, 4) == 0) {
            return error(query, rcode(reply));
        }
        if (reply.length <= query.limit()) {
            return renumbered(reply, id);
        }
        return encode(query, rcode(reply), List.of(), true);
    }

    private static byte[] encode(Query query, int rcode, List<Record> records, boolean truncated) {
        Header header = new Header(query.header().getID());
        header.setFlag(Flags.QR);
        header.setFlag(Flags.RA);
        if (query.header().getFlag(Flags.RD)) {
            header.setFlag(Flags.RD);
        }
        if (truncated) {
            header.setFlag(Flags.TC);
        }
        header.setRcode(rcode & RCODE);
        Message message = new Message();
        message.setHeader(header);
        message.addRecord(query.question(), Section.QUESTION);
        records.forEach(record -> message.addRecord(record, Section.ANSWER));
        if (query.edns() != null) {
            message.addRecord(new OPTRecord(OWN_UDP_LIMIT, rcode >> 4, 0), Section.ADDITIONAL);
        }
        return message.toWire();
    }

    /** A header alone, for what has no question that could be repeated. */
    private static byte[] refusal(byte[] wire, int rcode) {
        byte[] reply = new byte[HEADER];
        reply[0] = wire[0];
        reply[1] = wire[1];
        reply[2] = (byte) (QR | (wire[2] & (OPCODE | RD)));
        reply[3] = (byte) (RA | rcode);
        return reply;
    }

    /** Where the first question ends; -1 if it does not, or has a name that points elsewhere, which a first one cannot. */
    private static int questionEnd(byte[] wire) {
        int at = HEADER;
        while (at < wire.length && wire[at] != 0) {
            if ((wire[at] & 0xff) > MAX_LABEL) {
                return -1;
            }
            at += wire[at] + 1;
        }
        int end = at + 1 + 4;
        return end <= wire.length ? end : -1;
    }

    private static boolean sameQuestion(byte[] reply, Query query) {
        for (int i = HEADER; i < query.questionEnd(); i++) {
            boolean name = i < query.questionEnd() - 4;
            if (name ? small(reply[i]) != small(query.wire()[i]) : reply[i] != query.wire()[i]) {
                return false;
            }
        }
        return true;
    }

    private static int small(byte letter) {
        return letter >= 'A' && letter <= 'Z' ? letter + ('a' - 'A') : letter;
    }

    private static int unsigned16(byte[] bytes, int at) {
        return (bytes[at] & 0xff) << 8 | (bytes[at + 1] & 0xff);
    }
}
