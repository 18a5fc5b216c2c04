package io.longshore.agent.dns.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.OPTRecord;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.Section;
import org.xbill.DNS.Type;

class WireTest {
    private static Message message(String name) {
        try {
            return Message.newQuery(Record.newRecord(Name.fromString(name), Type.A, DClass.IN));
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Query query(Message message) {
        return Objects.requireNonNull(Wire.receive(message.toWire(), false).query());
    }

    private static byte[] refusal(byte[] wire) {
        return Objects.requireNonNull(Wire.receive(wire, false).refusal());
    }

    private static List<Record> records(Query query, int count) throws IOException {
        List<Record> records = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            records.add(new ARecord(query.question().getName(), DClass.IN, 600, InetAddress.ofLiteral("10.0.0." + i)));
        }
        return records;
    }

    @Test
    void theQuestionComesBackAsItWasWritten() throws IOException {
        Query query = query(message("wEb.Example.ORG."));
        Message answer = new Message(Wire.answer(query, records(query, 1)));
        assertThat(answer.getQuestion().getName()).hasToString("wEb.Example.ORG.");
        assertThat(answer.getHeader().getID()).isEqualTo(query.header().getID());
        assertThat(answer.getHeader().getFlag(Flags.QR)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RD)).isTrue();
        assertThat(answer.getHeader().getFlag(Flags.RA)).isTrue();
        assertThat(answer.getSection(Section.ANSWER)).hasSize(1);
        assertThat(answer.getOPT()).isNull();
    }

    @Test
    void anAnswerIsNeverLargerThanTheClientTakes() throws IOException {
        for (int size : new int[] {0, 100, 512, 700, 1232, 4000}) {
            Message asked = message("service.example.org.");
            if (size > 0) {
                asked.addRecord(new OPTRecord(size, 0, 0), Section.ADDITIONAL);
            }
            Query query = query(asked);
            byte[] wire = Wire.answer(query, records(query, 250));
            Message answer = new Message(wire);
            int limit = Math.max(512, size);
            assertThat(wire.length).isBetween(limit - 16 - 11, limit);
            assertThat(answer.getHeader().getFlag(Flags.TC)).isTrue();
            assertThat(answer.getOPT() != null).isEqualTo(size > 0);
        }
    }

    @Test
    void silenceForAnswersAndScraps() {
        byte[] answer = message("web.").toWire();
        answer[2] |= (byte) 0x80;
        for (byte[] wire : List.of(answer, new byte[0], new byte[11])) {
            Wire.Received received = Wire.receive(wire, false);
            assertThat(received.query()).isNull();
            assertThat(received.refusal()).isNull();
        }
    }

    @Test
    void whatIsNoQueryIsRefused() throws IOException {
        byte[] update = message("web.").toWire();
        update[2] |= 5 << 3;
        assertThat(refusal(update)[3] & 0xf).isEqualTo(Rcode.NOTIMP);
        byte[] two = message("web.").toWire();
        two[5] = 2;
        assertThat(refusal(two)[3] & 0xf).isEqualTo(Rcode.FORMERR);
        byte[] none = message("web.").toWire();
        none[5] = 0;
        assertThat(refusal(none)[3] & 0xf).isEqualTo(Rcode.FORMERR);
        byte[] cut = Arrays.copyOf(message("web.").toWire(), 18);
        assertThat(refusal(cut)[3] & 0xf).isEqualTo(Rcode.FORMERR);
        byte[] huge = Arrays.copyOf(message("web.").toWire(), Wire.MAX_QUERY + 1);
        assertThat(refusal(huge)[3] & 0xf).isEqualTo(Rcode.FORMERR);
        Message newer = message("web.");
        newer.addRecord(new OPTRecord(1232, 0, 1), Section.ADDITIONAL);
        Message answer = new Message(refusal(newer.toWire()));
        assertThat(answer.getRcode()).isEqualTo(Rcode.BADVERS);
    }

    @Test
    void aNameThatPointsAtItselfIsRefused() {
        byte[] loop = message("web.").toWire();
        loop[12] = (byte) 0xc0;
        loop[13] = 12;
        assertThat(refusal(loop)[3] & 0xf).isEqualTo(Rcode.FORMERR);
        // In a record that follows the question.
        byte[] later = Arrays.copyOf(message("web.").toWire(), 21 + 12);
        later[11] = 1;
        later[21] = (byte) 0xc0;
        later[22] = 21;
        assertThat(refusal(later)[3] & 0xf).isEqualTo(Rcode.FORMERR);
    }

    @Test
    void onlyTheAnswerToTheQueryIsOne() {
        Query query = query(message("web.example.org."));
        byte[] answer = Wire.renumbered(query, 4711);
        assertThat(Wire.answers(answer, query, 4711)).isFalse();
        answer[2] |= (byte) 0x80;
        assertThat(Wire.answers(answer, query, 4711)).isTrue();
        assertThat(Wire.answers(answer, query, 4712)).isFalse();
        assertThat(Wire.answers(Arrays.copyOf(answer, answer.length - 1), query, 4711))
                .isFalse();
        byte[] other = answer.clone();
        other[13] = 'W';
        assertThat(Wire.answers(other, query, 4711)).isTrue();
        other[13] = 'v';
        assertThat(Wire.answers(other, query, 4711)).isFalse();
        byte[] type = answer.clone();
        type[answer.length - 3] = 28;
        assertThat(Wire.answers(type, query, 4711)).isFalse();
        byte[] bare = Arrays.copyOf(answer, 12);
        bare[5] = 0;
        assertThat(Wire.answers(bare, query, 4711)).isFalse();
        bare[3] = Rcode.FORMERR;
        assertThat(Wire.answers(bare, query, 4711)).isTrue();
    }

    @Test
    void aRelayedAnswerHasTheClientsIdAndFits() throws IOException {
        Query query = query(message("web.example.org."));
        Message answer = new Message(4711);
        answer.getHeader().setFlag(Flags.QR);
        answer.addRecord(query.question(), Section.QUESTION);
        records(query, 100).forEach(record -> answer.addRecord(record, Section.ANSWER));
        Message relayed = new Message(Wire.relayed(answer.toWire(), query));
        assertThat(relayed.getHeader().getID()).isEqualTo(query.header().getID());
        assertThat(relayed.getHeader().getFlag(Flags.TC)).isTrue();
        assertThat(relayed.getSection(Section.ANSWER)).isEmpty();
        answer.removeAllRecords(Section.ANSWER);
        byte[] small = answer.toWire();
        byte[] same = Wire.relayed(small, query);
        assertThat(Arrays.copyOfRange(same, 2, same.length)).isEqualTo(Arrays.copyOfRange(small, 2, small.length));
    }

    /** Whatever comes, there is a query, a refusal or silence, and never an exception; the seed is fixed so that a failure comes again. */
    @Test
    void noBytesDoHarm() {
        Random random = new Random(20261128);
        Message full = message("web.example.org.");
        full.addRecord(new OPTRecord(1232, 0, 0), Section.ADDITIONAL);
        byte[] sound = full.toWire();
        int queries = 0;
        for (int i = 0; i < 200_000; i++) {
            byte[] wire = sound.clone();
            if (i % 4 == 0) {
                wire = new byte[random.nextInt(600)];
                random.nextBytes(wire);
            }
            for (int flips = random.nextInt(4); flips > 0 && wire.length > 0; flips--) {
                wire[random.nextInt(wire.length)] = (byte) random.nextInt(256);
            }
            Query query = Wire.receive(wire, false).query();
            if (query != null) {
                queries++;
                byte[] answer = new byte[random.nextInt(100)];
                random.nextBytes(answer);
                if (Wire.answers(answer, query, random.nextInt(1 << 16))) {
                    Wire.relayed(answer, query);
                }
                assertThat(Wire.error(query, Rcode.SERVFAIL).length).isLessThanOrEqualTo(512);
            }
        }
        assertThat(queries).isBetween(10_000, 190_000);
    }
}
