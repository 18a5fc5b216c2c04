package io.longshore.agent.dns;

import io.longshore.agent.dns.wire.Query;
import io.longshore.agent.dns.wire.Wire;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.xbill.DNS.Record;
import org.xbill.DNS.Type;

/** What becomes of a message that a client sent: an answer from the networks of its sandbox, from another server, a refusal, or nothing. */
final class Resolver {
    private final LocalAnswers local;
    private final Forwarder forwarder;
    private final LongAdder answered = new LongAdder();

    Resolver(LocalAnswers local, Forwarder forwarder) {
        this.local = local;
        this.forwarder = forwarder;
    }

    /**
     * On the loop's thread.
     *
     * @param tcp how it came; it is forwarded the same way, as in Docker Engine
     * @param reply takes the answer, at once or later, at most once; it must not fail
     * @return whether there is going to be an answer
     */
    boolean resolve(DnsSandbox sandbox, byte[] wire, boolean tcp, Consumer<byte[]> reply) {
        Wire.Received received = Wire.receive(wire, tcp);
        Query query = received.query();
        byte[] refusal = received.refusal();
        if (query == null) {
            if (refusal != null) {
                reply.accept(refusal);
            }
            return refusal != null;
        }
        DnsView view = sandbox.view();
        List<Record> records = local.find(view, query.question());
        if (records != null) {
            answered.increment();
            reply.accept(Wire.answer(query, records));
        } else if (view.ndots() && isSingleName(query)) {
            // No records rather than an error: the client goes on with its search domains.
            reply.accept(Wire.answer(query, List.of()));
        } else {
            forwarder.forward(sandbox, query, tcp, reply);
        }
        return true;
    }

    /** Queries that networks answered. */
    long answered() {
        return answered.sum();
    }

    private static boolean isSingleName(Query query) {
        int type = query.question().getType();
        // The root is a label too.
        return (type == Type.A || type == Type.AAAA)
                && query.question().getName().labels() <= 2;
    }
}
